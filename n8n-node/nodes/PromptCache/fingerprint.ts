import {
	NodeConnectionTypes,
	type AINodeConnectionType,
	type IExecuteFunctions,
	type NodeTypeAndVersion,
} from 'n8n-workflow';

import { sha256 } from '../../shared/digest';
import { isCacheNode } from './wiring';

const SUB_NODES = [
	NodeConnectionTypes.AiLanguageModel,
	NodeConnectionTypes.AiMemory,
	NodeConnectionTypes.AiOutputParser,
	NodeConnectionTypes.AiTool,
];

/**
 * A digest of the settings of all nodes on the way from this one to a Store, and of the models, tools, memories and
 * parsers attached to them. Expressions count as they are written; names do not count.
 */
export function fingerprintOfAiNodes(context: IExecuteFunctions): string {
	const { between, attached } = nodesToStore(context, SUB_NODES);
	const settings = [...between, ...attached].map(settingsOf).sort();
	return sha256(settings.join('\n'));
}

/** The nodes on the way from this one to a Store, and those attached to them by these kinds of connection. */
export function nodesToStore(
	context: IExecuteFunctions,
	kinds: AINodeConnectionType[],
): Record<'between' | 'attached', NodeTypeAndVersion[]> {
	const name = context.getNode().name;
	const below = context.getChildNodes(name, { includeNodeParameters: true });
	const aboveStores = new Set(
		below
			.filter((node) => isCacheNode(context, node, 'store'))
			.flatMap((store) => context.getParentNodes(store.name).map((parent) => parent.name)),
	);
	const between = below.filter(
		(node) => node.name !== name && aboveStores.has(node.name) && !isCacheNode(context, node),
	);
	const attached = between.flatMap((node) =>
		kinds.flatMap((connectionType) =>
			context.getParentNodes(node.name, { includeNodeParameters: true, connectionType }),
		),
	);
	return { between, attached };
}

function settingsOf({ type, typeVersion, disabled, parameters }: NodeTypeAndVersion): string {
	return JSON.stringify([type, typeVersion, disabled, parameters]);
}

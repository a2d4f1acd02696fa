import { NodeConnectionTypes, type IExecuteFunctions, type NodeTypeAndVersion } from 'n8n-workflow';

import { canonical } from '../../shared/canonical';
import { sha256 } from '../../shared/digest';
import { internalsOf } from '../../shared/internals';
import type { Downstream } from './downstream';
import { renamed } from './references';
import { isCacheNode } from './wiring';

const SUB_NODES = Object.values(NodeConnectionTypes).filter(
	(kind) => kind !== NodeConnectionTypes.Main,
);

/** What the editor remembers of a choice for its own display. */
const DISPLAY = /^cachedResult/;

/**
 * A digest of the settings of all nodes on the way from Look Up to a Store, and of the models, tools, memories and
 * parsers attached to them and to each other. Expressions count as they are written; names, places and the cache's own
 * settings do not count. Undefined where there are none.
 */
export function fingerprintOfAiNodes(
	context: IExecuteFunctions,
	{ between }: Downstream,
): string | undefined {
	const digests = new Map<string, string>();
	const asking = between.filter((node) => !isCacheNode(context, node));
	if (asking.length === 0) return undefined;
	return sha256(
		asking
			.map((node) => digestOf(context, node, digests))
			.sort()
			.join('\n'),
	);
}

/** Of one node and all that is attached to it. */
function digestOf(
	context: IExecuteFunctions,
	node: NodeTypeAndVersion,
	digests: Map<string, string>,
): string {
	const known = digests.get(node.name);
	if (known !== undefined) return known;
	// Whatever leads back here has been counted.
	digests.set(node.name, '');
	const attached = SUB_NODES.flatMap((kind) => {
		const inputs = attachedTo(context, node.name, kind).map((nodes) =>
			nodes.map((sub) => digestOf(context, sub, digests)).sort(),
		);
		return inputs.flat().length > 0 ? [[kind, inputs]] : [];
	});
	const { type, typeVersion, disabled, parameters } = node;
	const settings = [type, typeVersion, disabled, independent(context, parameters)];
	const digest = sha256(canonical([settings, attached]));
	digests.set(node.name, digest);
	return digest;
}

/** By input of the node, where n8n tells; in place of a cached model the one behind it. */
function attachedTo(
	context: IExecuteFunctions,
	name: string,
	connectionType: (typeof SUB_NODES)[number],
): NodeTypeAndVersion[][] {
	const options = { includeNodeParameters: true, connectionType, depth: 1 };
	const nodes = context.getParentNodes(name, options);
	const behind = ({ name: sub, type, ...more }: NodeTypeAndVersion): NodeTypeAndVersion[] =>
		type === `${context.getNode().type}Model`
			? attachedTo(context, sub, connectionType).flat()
			: [{ name: sub, type, ...more }];
	const inputs = internalsOf(context).getConnections?.call(context, { name }, connectionType);
	if (!inputs) return [nodes.flatMap(behind)];
	return inputs.map((connections) =>
		nodes
			.filter((node) => connections?.some((connection) => connection.node === node.name))
			.flatMap(behind),
	);
}

/** The same parameters whatever other nodes are called. */
function independent(context: IExecuteFunctions, value: unknown): unknown {
	const { nodes = {} } = internalsOf(context).workflow ?? {};
	const idOf = (name: string): string => nodes[name]?.id ?? name;
	const walk = (part: unknown): unknown => {
		if (typeof part === 'string') return renamed(part, idOf);
		if (Array.isArray(part)) return part.map(walk);
		if (typeof part !== 'object' || part === null) return part;
		const kept = Object.entries(part).filter(([name]) => !DISPLAY.test(name));
		return Object.fromEntries(kept.map(([name, inner]) => [name, walk(inner)]));
	};
	return walk(value);
}

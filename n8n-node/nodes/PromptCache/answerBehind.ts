import {
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type IPairedItemData,
	type ISourceData,
	type ITaskData,
} from 'n8n-workflow';

import { answerRecordAt, NOT_KEPT, type AnswerRecord } from '../../shared/answerRecord';
import { canonical } from '../../shared/canonical';
import { pairsOf } from './lineage';
import { missRecordOf } from './missRecord';
import { nameOf, runOf, taskOf } from './passage';
import { Wiring } from './wiring';

/** One of the items that a run of a node put out. */
interface Place {
	source: ISourceData;
	at: number;
}

/**
 * Which answer of the cache an item got: walk back the way that n8n recorded, to the node that gave it. Nothing where
 * the model's answer was not kept; throws where no answer of the cache is found, or several are.
 */
export function answerBehind(
	context: IExecuteFunctions,
	itemIndex: number,
): AnswerRecord | undefined {
	const wiring = new Wiring(context);
	const found = new Map<string, AnswerRecord>();
	let missed = false;
	const visited = new Set<string>();
	const ahead: Place[] = [{ source: context.getInputSourceData(), at: itemIndex }];
	for (let place = ahead.pop(); place; place = ahead.pop()) {
		const { source, at } = place;
		const output = source.previousNodeOutput ?? 0;
		const name = `${at} ${output} ${nameOf(runOf(source))}`;
		if (visited.has(name)) continue;
		visited.add(name);
		const task = taskOf(context, runOf(source));
		const item = task?.data?.main?.[output]?.[at];
		const record = answerRecordAt(task, output, at);
		if (record === NOT_KEPT || (!record && missRecordOf(item))) missed = true;
		else if (record) found.set(canonical(record), record);
		else ahead.push(...placesBefore(wiring, source.previousNode, task, item));
	}
	const [record, ...others] = found.values();
	if (others.length > 0 || (record && missed)) {
		throw operationError(context, itemIndex, 'The item could have its answer from several places');
	}
	if (!record && !missed) {
		throw operationError(context, itemIndex, 'No answer of the cache was found for this item');
	}
	return record;
}

/** From where a node, in one of its runs, got what it made the item of. */
function placesBefore(
	wiring: Wiring,
	node: string,
	task: ITaskData | undefined,
	item: INodeExecutionData | undefined,
): Place[] {
	return pairsOf(item).flatMap(({ item: at, input = 0, sourceOverwrite }: IPairedItemData) => {
		const before = sourceOverwrite ?? task?.source[input];
		if (!before) return [];
		// n8n records an agent that called a tool as fed from output 0, whichever it was.
		const outputs = wiring.callsTools(node)
			? wiring
					.connectionsInto(node, input)
					.filter((connection) => connection.node === before.previousNode)
					.map(({ index }) => index)
			: [before.previousNodeOutput ?? 0];
		return outputs.map((previousNodeOutput) => ({ source: { ...before, previousNodeOutput }, at }));
	});
}

function operationError(
	context: IExecuteFunctions,
	itemIndex: number,
	message: string,
): NodeOperationError {
	return new NodeOperationError(context.getNode(), message, {
		itemIndex,
		description:
			'Put this node behind Look Up, Store or Prompt Cache Chain, in the same workflow. Elsewhere choose "By Key" in "Which Answer", and give it the key that stands in the receipt.',
	});
}

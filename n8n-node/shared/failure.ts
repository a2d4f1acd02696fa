import {
	NodeApiError,
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

import { CacheProblem, type CacheContext } from './transport';

export type NodeError = NodeApiError | NodeOperationError;

/** Whatever was thrown, as n8n shows it best. */
export function asNodeError(
	context: IExecuteFunctions,
	cause: unknown,
	itemIndex?: number,
): NodeError {
	if (cause instanceof CacheProblem) return cause.asNodeError(context, itemIndex);
	if (cause instanceof NodeApiError || cause instanceof NodeOperationError) return cause;
	return new NodeOperationError(context.getNode(), cause as Error, { itemIndex });
}

/** A cassette has an answer that is of no use here, and the model is not asked for another. */
export function unreadable(context: CacheContext, itemIndex?: number): NodeOperationError {
	return new NodeOperationError(context.getNode(), 'The answer in the cassette cannot be used here', {
		itemIndex,
		description:
			'It is not what this model or its output parser gives out. Take its line out of the file, and record it anew.',
	});
}

/**
 * What `Continue On Fail` lets out for an item: its fields, and what went wrong.
 *
 * n8n takes all fields off an item with an `error` of its own. Where failures have an output to themselves, it tells
 * them by an error that is the only field, and puts the item's fields beside it.
 */
export function failedItem(
	context: IExecuteFunctions,
	{ json, binary }: INodeExecutionData,
	{ message: error }: NodeError,
	item: number,
): INodeExecutionData {
	const sorted = context.getNode().onError === 'continueErrorOutput';
	const failed = { json: sorted ? { error } : { ...json, error }, pairedItem: { item } };
	return binary ? { ...failed, binary } : failed;
}

import {
	NodeApiError,
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

import { CacheProblem } from './transport';

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

/** What `Continue On Fail` lets out for an item: its fields, and what went wrong. */
export function failedItem(
	{ json, binary }: INodeExecutionData,
	error: NodeError,
	item: number,
): INodeExecutionData {
	const failed = { json: { ...json, error: error.message }, error, pairedItem: { item } };
	return binary ? { ...failed, binary } : failed;
}

import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodePropertyOptions,
} from 'n8n-workflow';

import { asNodeError, failedItem } from '../../shared/failure';

/** How an operation stands in the list of its resource, and, by its `action`, in n8n's own. */
export interface OperationOption extends INodePropertyOptions {
	value: string;
	action: string;
	description: string;
}

/** What a resource offers: its parameters and what it does with all items of a run. */
export interface Operation {
	option: OperationOption;
	/** What stands below the node's name, if it is not the option's. */
	subtitle?: string;
	description: INodeProperties[];
	execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]>;
}

/** Seconds that operations may take which nobody waits for at every question. */
export const PATIENT_TIMEOUT = 30;

/** An operation that treats each item on its own; `run` returns what comes out for it. */
export function eachItem(
	run: (context: IExecuteFunctions, itemIndex: number) => Promise<IDataObject | IDataObject[]>,
): Operation['execute'] {
	return async (context) => {
		const output: INodeExecutionData[] = [];
		for (const [item, incoming] of context.getInputData().entries()) {
			try {
				const results = await run(context, item);
				for (const json of Array.isArray(results) ? results : [results]) {
					output.push({ json, pairedItem: { item } });
				}
			} catch (cause) {
				const error = asNodeError(context, cause, item);
				if (!context.continueOnFail()) throw error;
				output.push(failedItem(context, incoming, error, item));
			}
		}
		return [output];
	};
}

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { CACHE_TYPE, Execution } from './execution';
import { sidecar } from './freshSidecar';

/** Parameters of a Look Up that asks what stands in the field `question`. */
export const LOOK_UP = {
	resource: 'answer',
	operation: 'lookUp',
	question: 'prompt',
	prompt: (item: INodeExecutionData) => item.json.question,
};

export const fromQuestion = { previousNode: 'Question' };

export function questions(...texts: string[]): INodeExecutionData[] {
	return texts.map((question, id) => ({ json: { id, question } }));
}

/** Look Up behind a node that puts out these items, and before a Store. */
export function lookUpOf(
	items: INodeExecutionData[],
	parameters: IDataObject = {},
	type = CACHE_TYPE,
): Execution {
	const lookUp = { type, parameters: { ...LOOK_UP, ...parameters } };
	const store = { type, parameters: { resource: 'answer', operation: 'store' } };
	const made = new Execution({ Question: {}, 'Look Up': lookUp, Store: store }, [
		{ from: 'Question', to: 'Look Up' },
		{ from: 'Look Up', to: 'Store' },
	]);
	made.credentials.baseUrl = sidecar.url;
	return made.put('Question', [items]);
}

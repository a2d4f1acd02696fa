import type { INodeProperties } from 'n8n-workflow';

import { shownFor } from '../../operation';
import * as deleteAnswer from './delete';
import * as getMany from './getMany';
import * as invalidate from './invalidate';
import * as lookUp from './lookUp';
import * as store from './store';

export const operations = { delete: deleteAnswer, getAll: getMany, invalidate, lookUp, store };

export const description: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['answer'] } },
		options: [
			{
				name: 'Delete',
				value: 'delete',
				action: 'Delete a wrong answer',
				description: 'Remove one answer that turned out to be wrong, by the key in its receipt',
			},
			{
				name: 'Get Many',
				value: 'getAll',
				action: 'Get many stored answers',
				description: 'List what is in the cache',
			},
			{
				name: 'Invalidate',
				value: 'invalidate',
				action: 'Invalidate outdated answers',
				description:
					'Remove answers by tag, question, model, attribute or age, or preview how many',
			},
			{
				name: 'Look Up',
				value: 'lookUp',
				action: 'Look up an earlier answer',
				description:
					'Find out whether the question was answered before: yes goes to Hit, no to Miss',
			},
			{
				name: 'Store',
				value: 'store',
				action: 'Store a new answer',
				description: 'Keep what the AI node answered to a missed question',
			},
		],
		default: 'lookUp',
	},
	...Object.entries(operations).flatMap(([name, operation]) =>
		shownFor('answer', name, operation.description),
	),
];

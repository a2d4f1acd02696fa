import type { INodeProperties } from 'n8n-workflow';

import { shownFor } from '../../operation';
import * as get from './get';

export const operations = { get };

export const description: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['statistics'] } },
		options: [
			{
				name: 'Get',
				value: 'get',
				action: 'Get statistics and savings',
				description: 'Hits, misses, and the money, tokens and time saved',
			},
		],
		default: 'get',
	},
	...shownFor('statistics', 'get', get.description),
];

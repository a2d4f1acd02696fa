import type { INodeProperties } from 'n8n-workflow';

import { shownFor } from '../../operation';
import * as bumpVersion from './bumpVersion';
import * as flush from './flush';

export const operations = { bumpVersion, flush };

export const description: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['namespace'] } },
		options: [
			{
				name: 'Bump Version',
				value: 'bumpVersion',
				action: 'Bump the version of a source',
				description: 'Say that something answers depend on has changed, such as a knowledge base',
			},
			{
				name: 'Flush',
				value: 'flush',
				action: 'Flush a namespace',
				description: 'Remove all answers of a namespace, or all there are',
			},
		],
		default: 'flush',
	},
	...Object.entries(operations).flatMap(([name, operation]) =>
		shownFor('namespace', name, operation.description),
	),
];

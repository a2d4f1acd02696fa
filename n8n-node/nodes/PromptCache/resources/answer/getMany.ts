import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { callCache } from '../../../../shared/transport';
import { eachItem, PATIENT_TIMEOUT, type OperationOption } from '../../operation';
import { namespaceOf, namespaceProperty } from '../../../../shared/namespace';
import { modelFilterProperty } from '../../../../shared/parameters';

const PAGE_SIZE = 100;

export const option: OperationOption = {
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many stored answers',
	description: 'List what is in the cache',
};

export const subtitle = 'Get Answers';

export const description: INodeProperties[] = [
	namespaceProperty,
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show: { returnAll: [false] } },
	},
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		options: [
			modelFilterProperty,
			{
				displayName: 'Search Text',
				name: 'q',
				type: 'string',
				default: '',
				placeholder: 'e.g. refund',
				description: 'Words that occur in the prompt, where the cache server keeps prompts',
			},
			{
				displayName: 'Tag',
				name: 'tag',
				type: 'string',
				default: '',
				placeholder: 'e.g. pricing',
				description: 'A tag that the answer carries',
			},
		],
	},
];

interface Page {
	items: IDataObject[];
	next_cursor: string | null;
}

export const execute = eachItem(async (context, itemIndex) => {
	const limit = context.getNodeParameter('returnAll', itemIndex, false)
		? Infinity
		: (context.getNodeParameter('limit', itemIndex) as number);
	const filters = Object.entries(context.getNodeParameter('filters', itemIndex, {}) as IDataObject);
	const qs: IDataObject = {
		...Object.fromEntries(filters.filter(([, value]) => value)),
		namespace: namespaceOf(context, itemIndex),
	};
	const found: IDataObject[] = [];
	let cursor: string | null = null;
	do {
		const page: Page = await callCache<Page>(context, {
			method: 'GET',
			path: '/v1/entries',
			qs: { ...qs, limit: Math.min(PAGE_SIZE, limit - found.length), ...(cursor && { cursor }) },
			timeout: PATIENT_TIMEOUT,
		});
		found.push(...page.items);
		cursor = page.next_cursor;
	} while (cursor && found.length < limit);
	return found;
});

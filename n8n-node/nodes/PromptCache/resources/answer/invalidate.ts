import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeProperties,
} from 'n8n-workflow';

import { callCache } from '../../../../shared/transport';
import { eachItem, PATIENT_TIMEOUT, type OperationOption } from '../../operation';
import { durationFrom, durationProperty } from '../../../../shared/duration';
import { namespaceOf, namespaceProperty } from '../../../../shared/namespace';
import { listFrom, modelFilterProperty, tagsProperty } from '../../../../shared/parameters';
import { RUNS_ATTRIBUTE } from '../../../../shared/runs';
import {
	AI_NODES_ATTRIBUTE,
	attributesFrom,
	attributesProperty,
} from '../../../../shared/attributes';
import { messagesFrom } from '../../question';

export const option: OperationOption = {
	name: 'Invalidate',
	value: 'invalidate',
	action: 'Invalidate outdated answers',
	description: 'Remove answers by tag, question, model, attribute or age, or preview how many',
};

export const description: INodeProperties[] = [
	namespaceProperty,
	{
		displayName: 'Answers That Match All Of',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Condition',
		default: {},
		description: 'Which answers to invalidate; at least one condition',
		options: [
			attributesProperty,
			{
				displayName: 'Key',
				name: 'key',
				type: 'string',
				default: '',
				placeholder: 'e.g. {{ $json._cache.key }}',
				description: 'The key of one answer, as it stands in its receipt',
			},
			{
				displayName: 'Messages',
				name: 'messages',
				type: 'json',
				default: '[]',
				description:
					'The question, if it was looked up as chat messages. Model, system message and your own attributes must be those of the lookup.',
			},
			modelFilterProperty,
			durationProperty(
				{
					displayName: 'Older Than',
					name: 'olderThan',
					description: 'Answers stored longer ago than this',
				},
				30,
				'd',
			),
			{
				displayName: 'Prompt',
				name: 'prompt',
				type: 'string',
				typeOptions: { rows: 3 },
				default: '',
				placeholder: 'e.g. {{ $json.question }}',
				description:
					'The question, if it was looked up as a text. Model, system message and your own attributes must be those of the lookup.',
			},
			{
				displayName: 'System Message',
				name: 'system',
				type: 'string',
				typeOptions: { rows: 2 },
				default: '',
				description: 'Together with a prompt or messages: the system message of the lookup',
			},
			{
				...tagsProperty,
				description: 'Answers that carry any of these tags, separated by commas',
			},
		],
	},
	{
		displayName: 'Preview Only',
		name: 'preview',
		type: 'boolean',
		default: false,
		description: 'Whether to only count the answers that would be invalidated, and keep them',
	},
];

/** What Look Up adds to a question by itself. */
const OWN_ATTRIBUTES = [AI_NODES_ATTRIBUTE, RUNS_ATTRIBUTE];

export const execute = eachItem(async (context, itemIndex) => {
	const filter = entryFilterOf(context, itemIndex);
	const preview = context.getNodeParameter('preview', itemIndex, false) as boolean;
	const { deleted } = await callCache<{ deleted: number }>(context, {
		method: 'POST',
		path: '/v1/invalidate',
		body: {
			...filter,
			namespace: namespaceOf(context, itemIndex),
			dry_run: preview,
		},
		timeout: PATIENT_TIMEOUT,
	});
	return preview ? { wouldDelete: deleted } : { deleted };
});

function entryFilterOf(context: IExecuteFunctions, itemIndex: number): IDataObject {
	const filters = context.getNodeParameter('filters', itemIndex, {}) as IDataObject;
	const filter: IDataObject = {};
	for (const name of ['key', 'model', 'prompt', 'system'] as const) {
		if (filters[name]) filter[name] = filters[name];
	}
	if (filters.messages && filters.messages !== '[]') {
		filter.messages = messagesFrom(context, filters.messages, itemIndex);
	}
	if (filter.prompt || filter.messages) filter.any_attributes = OWN_ATTRIBUTES;
	const attributes = attributesFrom(filters.attributes);
	if (Object.keys(attributes).length > 0) filter.attributes = attributes;
	const tags = listFrom(filters.tags);
	if (tags.length > 0) filter.tags = tags;
	const olderThan = durationFrom(filters.olderThan);
	if (olderThan) filter.older_than = olderThan;
	if (Object.keys(filter).length > 0) return filter;
	throw new NodeOperationError(context.getNode(), 'No condition says which answers to invalidate', {
		description:
			'Add a condition and fill it in. To remove all answers of a namespace, use the operation "Flush" of the resource "Namespace".',
		itemIndex,
	});
}

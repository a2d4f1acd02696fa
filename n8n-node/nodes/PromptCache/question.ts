import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeProperties,
} from 'n8n-workflow';

import type { CacheRequest } from '../../shared/api';
import { attributesFrom } from '../../shared/attributes';
import { canonical } from '../../shared/canonical';
import { sha256 } from '../../shared/digest';
import { listFrom } from '../../shared/parameters';
import { chosenModel, modelProperty } from './model';
import { PROMPT_FIELDS, promptOf } from './prompt';

/** Where an attached file's fingerprint travels: it must match exactly, like anything in `attributes`. */
const FILES_ATTRIBUTE = 'n8n.files';

/** What identifies a question, as parameters of a node. */
export const questionProperties: INodeProperties[] = [
	{
		displayName: 'What to Look Up',
		name: 'question',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Prompt Text',
				value: 'prompt',
				description: 'One text: the question as the AI model will get it',
			},
			{
				name: 'Chat Messages',
				value: 'messages',
				description: 'A conversation: a list of messages, each with a role and content',
			},
			{
				name: 'Whole Item',
				value: 'item',
				description: 'All fields of the item, for when the prompt is made from several of them',
			},
		],
		default: 'prompt',
		description: 'What has to be the same for an earlier answer to be given again',
	},
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'Drag the field with the question here',
		hint: 'Left empty, it is what a chat, a webhook or a form asks',
		description: `The text that you also give to the AI model. Left empty, it is what a chat, a webhook or a form brings: the first of the fields ${PROMPT_FIELDS.join(', ')} in the item or its body that holds a text. Leave out what changes every time, such as {{ $now }}, or no answer will ever be found again.`,
		displayOptions: { show: { question: ['prompt'] } },
	},
	{
		displayName: 'Messages',
		name: 'messages',
		type: 'json',
		default: '={{ $json.messages }}',
		description:
			'The conversation as a list like [{"role": "user", "content": "Hello"}], oldest message first',
		displayOptions: { show: { question: ['messages'] } },
	},
	modelProperty,
	{
		displayName: 'System Message',
		name: 'system',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. You are a helpful assistant',
		description:
			'The instructions that the AI model gets besides the prompt. When they change, earlier answers no longer match.',
	},
];

/** Read the question of one item, its namespace and normalization apart. */
export async function questionOf(
	context: IExecuteFunctions,
	itemIndex: number,
	options: { ignoredFields?: string; includeFiles?: boolean; attachedModel?: string },
): Promise<CacheRequest> {
	const kind = context.getNodeParameter('question', itemIndex) as 'prompt' | 'messages' | 'item';
	const attributes = attributesFrom(context.getNodeParameter('attributes', itemIndex, {}));
	const request: CacheRequest = {};
	if (kind === 'messages')
		request.messages = messagesFrom(
			context,
			context.getNodeParameter('messages', itemIndex),
			itemIndex,
		);
	else
		request.prompt =
			kind === 'prompt' ? promptOf(context, itemIndex) : wholeItem(context, itemIndex, options);
	const model = chosenModel(context, itemIndex) ?? options.attachedModel;
	if (model) request.model = model;
	const system = context.getNodeParameter('system', itemIndex, '') as string;
	if (system) request.system = String(system);
	const files = options.includeFiles === false ? undefined : await filesOf(context, itemIndex);
	if (files) attributes[FILES_ATTRIBUTE] = files;
	if (Object.keys(attributes).length > 0) request.attributes = attributes;
	return request;
}

/** Chat messages given as a list or as JSON text; at least one. */
export function messagesFrom(
	context: IExecuteFunctions,
	given: unknown,
	itemIndex: number,
): IDataObject[] {
	let value = given;
	if (typeof value === 'string') {
		try {
			value = JSON.parse(value);
		} catch {
			value = undefined;
		}
	}
	if (Array.isArray(value) && value.length > 0) return value as IDataObject[];
	throw new NodeOperationError(context.getNode(), 'The messages are not a list', {
		description:
			'Give a list like [{"role": "user", "content": "Hello"}], as JSON or as an expression.',
		itemIndex,
	});
}

function wholeItem(
	context: IExecuteFunctions,
	itemIndex: number,
	{ ignoredFields = '' }: { ignoredFields?: string },
): string {
	const ignored = new Set(['_cache', ...listFrom(ignoredFields)]);
	const json = context.getInputData()[itemIndex]?.json ?? {};
	const kept = Object.entries(json).filter(([name]) => !ignored.has(name));
	if (kept.length > 0) return canonical(Object.fromEntries(kept));
	throw new NodeOperationError(context.getNode(), 'The item has no fields to look up', {
		description: 'Look up the prompt text instead, or ignore fewer fields.',
		itemIndex,
	});
}

/** One digest of the contents of all attached files, whatever they are called. */
async function filesOf(context: IExecuteFunctions, itemIndex: number): Promise<string | undefined> {
	const binary = context.getInputData()[itemIndex]?.binary ?? {};
	const digests: string[] = [];
	for (const name of Object.keys(binary).sort()) {
		const content = await context.helpers.getBinaryDataBuffer(itemIndex, name);
		digests.push(sha256(content));
	}
	if (digests.length === 0) return undefined;
	return sha256(digests.join());
}

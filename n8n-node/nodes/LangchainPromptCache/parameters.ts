import {
	NodeConnectionTypes,
	type ExpressionString,
	type IExecuteFunctions,
	type INodeInputConfiguration,
	type INodeProperties,
} from 'n8n-workflow';

import type { Duration, Lookup } from '../../shared/api';
import { attributesFrom, attributesProperty } from '../../shared/attributes';
import type { BatchOptions } from '../../shared/batch';
import {
	durationFrom,
	durationProperty,
	lifeOf,
	lifeProperties,
	maxAgeProperty,
} from '../../shared/duration';
import {
	explainProperty,
	matchingOf,
	matchProperty,
	thresholdProperty,
	type Matching,
} from '../../shared/matching';
import { namespaceOf, namespaceProperty } from '../../shared/namespace';
import {
	dependsOnProperty,
	group,
	listFrom,
	receiptProperty,
	tagsProperty,
	timeoutProperty,
	unreachableProperty,
} from '../../shared/parameters';
import { manualRunsProperty, type ManualRuns } from '../../shared/runs';

const model: INodeInputConfiguration = {
	type: NodeConnectionTypes.AiLanguageModel,
	displayName: 'Model',
	required: true,
	maxConnections: 1,
};
const fallback: INodeInputConfiguration = { ...model, displayName: 'Fallback Model' };
const parser: INodeInputConfiguration = {
	type: NodeConnectionTypes.AiOutputParser,
	displayName: 'Output Parser',
	required: true,
	maxConnections: 1,
};

export const inputs: ExpressionString = `={{ [
	"${NodeConnectionTypes.Main}",
	${JSON.stringify(model)},
	...($parameter["needsFallback"] ? [${JSON.stringify(fallback)}] : []),
	...($parameter["hasOutputParser"] ? [${JSON.stringify(parser)}] : []),
] }}`;

const messageFields: INodeProperties[] = [
	{
		displayName: 'Type',
		name: 'type',
		type: 'options',
		options: [
			{ name: 'AI', value: 'ai' },
			{ name: 'User', value: 'human' },
			{ name: 'User: Image From a File of the Item', value: 'imageBinary' },
			{ name: 'User: Image From a URL', value: 'imageUrl' },
		],
		default: 'human',
	},
	{
		displayName: 'Message',
		name: 'message',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		displayOptions: { show: { type: ['ai', 'human'] } },
	},
	{
		displayName: 'Field With the Image',
		name: 'binaryImageDataKey',
		type: 'string',
		default: 'data',
		description: 'The name of the binary field of the incoming item that holds the image',
		displayOptions: { show: { type: ['imageBinary'] } },
	},
	{
		displayName: 'Image URL',
		name: 'imageUrl',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://example.com/cat.png',
		displayOptions: { show: { type: ['imageUrl'] } },
	},
	{
		displayName: 'Image Details',
		name: 'imageDetail',
		type: 'options',
		options: [
			{ name: 'Auto', value: 'auto' },
			{ name: 'High', value: 'high' },
			{ name: 'Low', value: 'low' },
		],
		default: 'auto',
		description: 'How closely the model looks at the image, and how many tokens that takes',
		displayOptions: { show: { type: ['imageBinary', 'imageUrl'] } },
	},
];

const messagesProperty: INodeProperties = {
	displayName: 'Chat Messages',
	name: 'messages',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true },
	default: {},
	placeholder: 'Add Message',
	description:
		'What stands between the system message and the prompt: examples of questions with their answers, and images',
	options: [
		{
			name: 'messageValues',
			displayName: 'Message',
			values: messageFields,
		},
	],
};

const batchingProperty: INodeProperties = {
	displayName: 'Batch Processing',
	name: 'batching',
	type: 'collection',
	placeholder: 'Add Batch Processing Option',
	description: 'How fast the model is asked; all items are looked up at once',
	default: {},
	options: [
		{
			displayName: 'Batch Size',
			name: 'batchSize',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 5,
			description: 'How many questions the model gets at the same time',
		},
		{
			displayName: 'Delay Between Batches',
			name: 'delayBetweenBatches',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 0,
			description: 'Milliseconds to wait before the next questions, for rate limits',
		},
	],
};

export const properties: INodeProperties[] = [
	{
		displayName: 'Source for Prompt (User Message)',
		name: 'promptType',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Connected Chat Trigger Node',
				value: 'auto',
				description: 'What was typed into the chat: the field "chatInput"',
			},
			{
				name: 'Define Below',
				value: 'define',
				description: 'A text, with fields of the incoming items in it',
			},
		],
		default: 'auto',
	},
	{
		displayName: 'Prompt (User Message)',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '={{ $json.chatInput }}',
		disabledOptions: { show: { promptType: ['auto'] } },
		displayOptions: { show: { promptType: ['auto'] } },
	},
	{
		displayName: 'Prompt (User Message)',
		name: 'text',
		type: 'string',
		required: true,
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. Classify: {{ $json.subject }}',
		description:
			'The question. Leave out what changes every time, such as {{ $now }}, or no answer will ever be found again.',
		displayOptions: { show: { promptType: ['define'] } },
	},
	{
		displayName: 'System Message',
		name: 'system',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. You are a helpful assistant',
		description: 'The instructions for the model, the same for every question',
	},
	{
		displayName: 'Require Specific Output Format',
		name: 'hasOutputParser',
		type: 'boolean',
		default: false,
		noDataExpression: true,
		description: 'Whether an output parser says what the answer has to look like',
	},
	{
		displayName: `Connect an <a data-action='openSelectiveNodeCreator' data-action-parameter-connectiontype='${NodeConnectionTypes.AiOutputParser}'>output parser</a> on the canvas to specify the output format you require`,
		name: 'parserNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { hasOutputParser: [true] } },
	},
	{
		displayName: 'Enable Fallback Model',
		name: 'needsFallback',
		type: 'boolean',
		default: false,
		noDataExpression: true,
		description:
			'Whether a second model is asked when the first one fails; its answers are not kept',
	},
	namespaceProperty,
	attributesProperty,
	...lifeProperties,
	{
		displayName: 'Ask Again This Time',
		name: 'refresh',
		type: 'boolean',
		default: false,
		description:
			'Whether to ask the model in any case, and replace the earlier answers. Turn it off again afterwards.',
	},
	messagesProperty,
	batchingProperty,
	group('Matching', 'matching', [matchProperty, thresholdProperty, explainProperty]),
	group('Freshness and Outages', 'freshness', [
		maxAgeProperty,
		durationProperty(
			{
				displayName: 'Keep Expired Answers as a Fallback',
				name: 'maxStale',
				description: 'For how long after its end an answer may still be given, if the model fails',
			},
			7,
			'd',
		),
		unreachableProperty,
		timeoutProperty,
	]),
	group('More Options', 'options', [
		dependsOnProperty,
		tagsProperty,
		manualRunsProperty,
		receiptProperty,
	]),
];

interface Options extends Matching {
	dependsOn?: unknown;
	manualRuns?: ManualRuns;
	maxAge?: unknown;
	maxStale?: unknown;
	receipt?: boolean;
	tags?: unknown;
	timeout?: number;
	unreachable?: BatchOptions['unreachable'];
}

/** What the user wants of the cache for one item. */
export interface Settings {
	namespace: string;
	attributes: Record<string, string>;
	/** How questions are matched, where that is not left to the namespace. */
	matching: Partial<Lookup>;
	maxAge?: Duration;
	maxStale?: Duration;
	ttl?: Duration | null;
	tags: string[];
	dependsOn: string[];
	manualRuns?: ManualRuns;
	receipt: boolean;
}

export function settingsOf(context: IExecuteFunctions, itemIndex: number): Settings {
	const options = optionsOf(context, itemIndex);
	const refresh = context.getNodeParameter('refresh', itemIndex, false) as boolean;
	return {
		namespace: namespaceOf(context, itemIndex),
		attributes: attributesFrom(context.getNodeParameter('attributes', itemIndex, {})),
		matching: matchingOf(options),
		// Nothing is ever that young, and the cache still knows what stood when the model was asked.
		maxAge: refresh ? 0 : durationFrom(options.maxAge),
		maxStale: durationFrom(options.maxStale),
		ttl: lifeOf(context, itemIndex),
		tags: listFrom(options.tags),
		dependsOn: listFrom(options.dependsOn),
		manualRuns: options.manualRuns,
		receipt: options.receipt !== false,
	};
}

/** How the cache is reached, the same for all items of a run. */
export function reachOf(context: IExecuteFunctions): Required<BatchOptions> {
	const { timeout = 3, unreachable = 'continue' } = optionsOf(context, 0);
	// No trouble with the cache is worth an answer that is paid for.
	return { timeout, unreachable, tolerant: unreachable === 'continue' };
}

/** At least one question at a time; the delay in milliseconds. */
export function paceOf(context: IExecuteFunctions): { size: number; delay: number } {
	const { batchSize = 5, delayBetweenBatches = 0 } = context.getNodeParameter(
		'batching',
		0,
		{},
	) as {
		batchSize?: number;
		delayBetweenBatches?: number;
	};
	return { size: Math.max(1, batchSize), delay: delayBetweenBatches };
}

/** The options of all groups. */
function optionsOf(context: IExecuteFunctions, itemIndex: number): Options {
	return Object.assign(
		{},
		...['matching', 'freshness', 'options'].map((name) =>
			context.getNodeParameter(name, itemIndex, {}),
		),
	) as Options;
}

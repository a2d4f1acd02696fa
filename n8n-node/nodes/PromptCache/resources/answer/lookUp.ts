import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import type { Hit, Lookup, Outcome, Stale } from '../../../../shared/api';
import { sourceOf } from '../../../../shared/source';
import { askInBatches, hintAtOutage, tolerated, type BatchItem, type Reply } from '../../batch';
import { fingerprintOfAiNodes } from '../../fingerprint';
import { hintAtFlow, refuseLostBranches } from '../../flowHints';
import { itemsFrom } from '../../keptItem';
import { HIT_OUTPUT, MISS_OUTPUT, withMissRecord, type MissRecord } from '../../missRecord';
import { failedItem, type NodeError, type OperationOption } from '../../operation';
import { durationFrom, durationProperty, maxAgeProperty } from '../../../../shared/duration';
import {
	namespaceProperty,
	receiptProperty,
	timeoutProperty,
	unreachableProperty,
} from '../../../../shared/parameters';
import { attributesProperty } from '../../../../shared/attributes';
import { questionOf, questionProperties } from '../../question';
import { Wiring } from '../../wiring';
import { hitReceipt } from '../../../../shared/receipt';

const UNREACHABLE = 'cache_unreachable';
const AI_NODES_ATTRIBUTE = 'n8n.aiNodes';

export const option: OperationOption = {
	name: 'Look Up',
	value: 'lookUp',
	action: 'Look up an earlier answer',
	description: 'Find out whether the question was answered before: yes goes to Hit, no to Miss',
};

export const description: INodeProperties[] = [
	...questionProperties,
	attributesProperty,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			receiptProperty,
			{
				displayName: 'Always Ask Again',
				name: 'refresh',
				type: 'boolean',
				default: false,
				description:
					'Whether to send every item to Miss, so that Store replaces the earlier answers by new ones',
			},
			{
				displayName: 'Fields to Ignore',
				name: 'ignoredFields',
				type: 'string',
				default: '',
				placeholder: 'e.g. ID, createdAt',
				description:
					'With "Whole Item": names of fields, separated by commas, that do not matter for the answer',
			},
			unreachableProperty,
			{
				displayName: 'Include Files',
				name: 'includeFiles',
				type: 'boolean',
				default: true,
				description:
					'Whether an item with another attached file (binary data) counts as another question',
			},
			durationProperty(
				{
					displayName: 'Keep Expired Answers as a Fallback',
					name: 'maxStale',
					description:
						'For how long after its end an answer may still be given by Store, if the AI node fails',
				},
				7,
				'd',
			),
			{
				displayName: 'Matching',
				name: 'match',
				type: 'options',
				options: [
					{ name: 'Same Question', value: 'exact', description: 'The very same words' },
					{
						name: 'Similar Meaning',
						value: 'semantic',
						description:
							'Other words with the same meaning; has to be set up in the sidecar and may be wrong at times',
					},
				],
				default: 'exact',
				description: 'When an earlier question counts as the same',
			},
			maxAgeProperty,
			namespaceProperty,
			{
				displayName: 'Notice Changed AI Nodes',
				name: 'watch',
				type: 'boolean',
				default: false,
				description:
					'Whether earlier answers stop matching when the settings of a node between this one and Store change, such as the model, its temperature or the instructions',
			},
			{
				displayName: 'Similarity Threshold',
				name: 'threshold',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 3 },
				default: 0.95,
				description: 'With "Similar Meaning": how similar, from 0 (anything) to 1 (the same)',
			},
			timeoutProperty,
			{
				displayName: 'Treat as the Same',
				name: 'normalize',
				type: 'options',
				options: [
					{
						name: 'Exactly as Written',
						value: 'none',
						description: 'Every character counts',
					},
					{
						name: 'Spaces and Line Ends Apart',
						value: 'whitespace',
						description: 'Blanks at the ends and repeated blanks do not count',
					},
					{
						name: 'Loosely',
						value: 'loose',
						description: 'Neither do capitals and punctuation',
					},
				],
				default: 'whitespace',
				description: 'Which differences between two prompts do not count',
			},
		],
	},
];

interface Options {
	ignoredFields?: string;
	includeFiles?: boolean;
	match?: Lookup['match'];
	maxAge?: unknown;
	maxStale?: unknown;
	namespace?: string;
	normalize?: string;
	receipt?: boolean;
	refresh?: boolean;
	threshold?: number;
	timeout?: number;
	unreachable?: 'continue' | 'stop';
	watch?: boolean;
}

type Answer = Reply<Outcome>;

export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const wiring = new Wiring(context);
	refuseLostBranches(context, wiring);
	const items: BatchItem[] = [];
	const failures = new Map<number, Answer>();
	for (let itemIndex = 0; itemIndex < context.getInputData().length; itemIndex++) {
		try {
			items.push({ itemIndex, body: await lookupOf(context, itemIndex) });
		} catch (cause) {
			failures.set(itemIndex, { failure: tolerated(context, cause, itemIndex) });
		}
	}
	const answers = await lookUp(context, items);
	hintAtOutage(context, answers.values(), 'All went to Miss, so that the AI model is asked.');
	const identities = new Map(
		items.map(({ itemIndex, body }) => [itemIndex, identityOf(answers.get(itemIndex)!, body)]),
	);
	return route(context, wiring, new Map([...answers, ...failures]), identities);
}

/** Ask for all of them, and again for those whose answers were too much for one reply. */
async function lookUp(
	context: IExecuteFunctions,
	items: BatchItem[],
): Promise<Map<number, Answer>> {
	const answers = new Map<number, Answer>();
	for (let left = items, before = Infinity; left.length > 0 && left.length < before; ) {
		const replies = await askInBatches<Outcome>(
			context,
			'/v1/lookup/batch',
			left,
			optionsOf(context, 0),
			withResponses,
		);
		for (const [itemIndex, reply] of replies) answers.set(itemIndex, reply);
		before = left.length;
		left = left.filter(({ itemIndex }) => isPutOff(replies.get(itemIndex)!));
	}
	return answers;
}

function isPutOff(answer: Answer): boolean {
	return 'reply' in answer && answer.reply.status === 'pending' && answer.reply.retry_after === 0;
}

/** Give each repeat the answer that stands with the first item of its kind. */
function withResponses(outcomes: Outcome[]): Outcome[] {
	return outcomes.map((outcome) =>
		(outcome.status === 'hit' || outcome.status === 'stale') && outcome.duplicate_of !== undefined
			? { ...outcome, response: (outcomes[outcome.duplicate_of] as Hit | Stale).response }
			: outcome,
	);
}

/** What two items share that ask the same. */
function identityOf(answer: Answer, body: IDataObject): string {
	return 'reply' in answer ? answer.reply.key : JSON.stringify(body);
}

async function lookupOf(context: IExecuteFunctions, itemIndex: number): Promise<Lookup> {
	const options = optionsOf(context, itemIndex);
	const body: Lookup = {
		...(await questionOf(context, itemIndex, options)),
		source: sourceOf(context),
	};
	if (options.namespace) body.namespace = options.namespace;
	if (options.normalize) body.normalize = options.normalize;
	if (options.match === 'semantic') {
		body.match = 'semantic';
		if (options.threshold !== undefined) body.threshold = options.threshold;
	}
	const maxAge = options.refresh ? 0 : durationFrom(options.maxAge);
	if (maxAge !== undefined) body.max_age = maxAge;
	const maxStale = durationFrom(options.maxStale);
	if (maxStale) body.max_stale = maxStale;
	if (options.watch) {
		body.attributes = {
			...body.attributes,
			[AI_NODES_ATTRIBUTE]: fingerprintOfAiNodes(context),
		};
	}
	return body;
}

/** Hand each item to its output: the first of equal misses to Miss, its repeats to where only Store finds them. */
function route(
	context: IExecuteFunctions,
	wiring: Wiring,
	answers: Map<number, Answer>,
	identities: Map<number, string>,
): INodeExecutionData[][] {
	const misses: INodeExecutionData[] = [];
	const hits: INodeExecutionData[] = [];
	const parked: INodeExecutionData[] = [];
	const records = new Map<string, MissRecord>();
	const at = Date.now();
	const repeatsOutput = undeclaredOutput(context);
	// Without a Store nobody would give the repeats their answer.
	const holdsBack = wiring.storesBehind(context.getNode().name).length > 0;
	let known = 0;
	context.getInputData().forEach((incoming, item) => {
		const answer = answers.get(item)!;
		const pairedItem = { item };
		if ('failure' in answer) {
			misses.push(failedItem(answer.failure, item));
			return;
		}
		if ('reply' in answer && answer.reply.status === 'hit') {
			known++;
			const { receipt: wanted = true } = optionsOf(context, item);
			const receipt = wanted && { _cache: hitReceipt(answer.reply) };
			for (const given of itemsFrom(answer.reply.response, incoming)) {
				hits.push({ ...given, json: { ...given.json, ...receipt }, pairedItem });
			}
			return;
		}
		const identity = identities.get(item)!;
		const first = records.get(identity);
		if (first && holdsBack) {
			first.repeats.push(parked.length);
			parked.push({ ...incoming, pairedItem });
			return;
		}
		const record: MissRecord = { ...missed(answer), at, asked: 0, repeatsOutput, repeats: [] };
		if (!first) records.set(identity, record);
		misses.push(withMissRecord({ ...incoming, pairedItem }, record));
	});
	for (const record of records.values()) record.asked = records.size;
	hintAtFlow(context, wiring, { known, asked: misses.length, repeated: parked.length });
	// An agent reads the first output alone. Early n8n 2 has no isToolExecution; all give the tool a type of its own.
	if (context.getNode().type.endsWith('Tool')) return [[...misses, ...hits]];
	const outputs: INodeExecutionData[][] = [];
	outputs[MISS_OUTPUT] = misses;
	outputs[HIT_OUTPUT] = hits;
	if (parked.length > 0) {
		while (outputs.length < repeatsOutput) outputs.push([]);
		outputs[repeatsOutput] = parked;
	}
	return outputs;
}

/**
 * An output that nothing can be connected to: what is put there goes nowhere, yet n8n keeps it with the execution, linked
 * to where it came from, for Store to give each repeat its answer.
 */
function undeclaredOutput(context: IExecuteFunctions): number {
	const errorOutputs = context.getNode().onError === 'continueErrorOutput' ? 1 : 0;
	return HIT_OUTPUT + 1 + errorOutputs;
}

function missed(
	answer: Exclude<Answer, { failure: NodeError }>,
): Pick<MissRecord, 'key' | 'ticket' | 'reason' | 'stale'> {
	if ('unreachable' in answer) return { reason: UNREACHABLE };
	const { reply } = answer;
	if (reply.status === 'stale') {
		const { key, ticket, reason, response } = reply;
		return { key, ticket, reason, stale: { response, receipt: hitReceipt(reply) } };
	}
	if (reply.status === 'miss') return { key: reply.key, ticket: reply.ticket, reason: reply.reason };
	return { key: reply.key, reason: reply.status };
}

function optionsOf(context: IExecuteFunctions, itemIndex: number): Options {
	return context.getNodeParameter('options', itemIndex, {}) as Options;
}

import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	IPairedItemData,
} from 'n8n-workflow';

import type { NewEntry, Saved, Stored } from '../../../../shared/api';
import { lifeOf, lifeProperties } from '../../../../shared/duration';
import {
	dependsOnProperty,
	listFrom,
	receiptProperty,
	tagsProperty,
	timeoutProperty,
	unreachableProperty,
} from '../../../../shared/parameters';
import { inOrder, savedReceipt } from '../../../../shared/receipt';
import { sourceOf } from '../../../../shared/source';
import { askInBatches, hintAtOutage, tolerated } from '../../../../shared/batch';
import { failedItem } from '../../../../shared/failure';
import { Lineage, positionOf, type Origin } from '../../lineage';
import { ANSWER_INPUT, HIT_INPUT } from '../../missRecord';
import type { OperationOption } from '../../operation';
import { isPinned } from '../../passage';
import { usagesOf } from '../../usage';

/** Beyond this the wait was not the model's: a person answered, or the lookup's output was pinned. */
const PLAUSIBLE_LATENCY_MS = 10 * 60 * 1000;

export const option: OperationOption = {
	name: 'Store',
	value: 'store',
	action: 'Store a new answer',
	description: 'Keep what the AI node answered to a missed question',
};

export const description: INodeProperties[] = [
	{
		displayName:
			'Put this right after the AI node on the Miss branch of Look Up. Nothing has to be filled in: it finds the question by itself.',
		name: 'notice',
		type: 'notice',
		default: '',
	},
	...lifeProperties,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			receiptProperty,
			dependsOnProperty,
			unreachableProperty,
			tagsProperty,
			timeoutProperty,
		],
	},
];

interface Options {
	dependsOn?: unknown;
	receipt?: boolean;
	tags?: unknown;
	timeout?: number;
	unreachable?: 'continue' | 'stop';
}

/** What comes out for one incoming answer, repeats of its question apart. */
interface Result {
	output: INodeExecutionData;
	origin?: Origin;
	entry?: NewEntry;
	receipt?: IDataObject;
	/** What each repeat of the question saved. */
	saved?: Saved;
}

/** An item that is put out, and where its question stood among those that were looked up. */
interface Placed {
	position: number;
	item: INodeExecutionData;
}

export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const placed = [...(await newAnswers(context)), ...hits(context)];
	return [placed.sort((a, b) => a.position - b.position).map(({ item }) => item)];
}

/** Store what came from the AI node, and place each answer with a copy for each repeat of its question. */
async function newAnswers(context: IExecuteFunctions): Promise<Placed[]> {
	const items = itemsAt(context, ANSWER_INPUT);
	if (items.length === 0) return [];
	const lineage = new Lineage(context);
	const pinned = isPinned(context);
	const arrived = Date.now();
	const results = items.map((item, itemIndex): Result => {
		try {
			const origin = lineage.originOf(itemIndex);
			lineage.settle(origin, itemIndex);
			return prepare(context, item, itemIndex, origin, arrived, pinned);
		} catch (cause) {
			if (pinned) return { output: passed(item, itemIndex), receipt: refusal('pinned_data') };
			return { output: failedItem(item, tolerated(context, cause, itemIndex), itemIndex) };
		}
	});
	addUsage(context, results);
	await store(context, results);
	return everyAnswer(context, lineage, results);
}

/** Place what Look Up knew. */
function hits(context: IExecuteFunctions): Placed[] {
	const items = itemsAt(context, HIT_INPUT);
	if (items.length === 0) return [];
	const lineage = new Lineage(context, HIT_INPUT);
	return items.map((item, itemIndex) => ({
		position: lineage.knownOf(itemIndex).position,
		item: { ...item, pairedItem: { item: itemIndex, input: HIT_INPUT } },
	}));
}

/** n8n throws for an input to which nothing came, and has none for one that is not connected. */
function itemsAt(context: IExecuteFunctions, input: number): INodeExecutionData[] {
	try {
		return context.getInputData(input) ?? [];
	} catch {
		return [];
	}
}

function passed(item: INodeExecutionData, itemIndex: number): INodeExecutionData {
	return { ...item, pairedItem: { item: itemIndex } };
}

/** The receipt of what came here without a question, and is not to be kept anyway. */
function refusal(refused: string): IDataObject {
	return { status: 'miss', stored: false, refused };
}

/** Say what the model used, where n8n knows it; the cache reads the answer's own fields, and else estimates. */
function addUsage(context: IExecuteFunctions, results: Result[]): void {
	if (!results.some(({ entry }) => entry)) return;
	const usages = usagesOf(
		context,
		results.map(({ output }) => [output]),
	);
	results.forEach(({ entry }, at) => {
		if (entry && usages[at]) entry.usage = usages[at];
	});
}

/** Decide what to store of one answer, and what to let out. */
function prepare(
	context: IExecuteFunctions,
	item: INodeExecutionData,
	itemIndex: number,
	origin: Origin,
	arrived: number,
	pinned: boolean,
): Result {
	const { record } = origin;
	const output = passed(item, itemIndex);
	if (item.error ?? item.json.error) {
		return record.stale
			? { output: { ...output, error: undefined, json: record.stale }, origin }
			: { output, origin };
	}
	const receipt: IDataObject = { status: 'miss', reason: record.reason, stored: false };
	if (record.near) receipt.near = record.near;
	if (!record.key) return { output, origin, receipt };
	receipt.key = record.key;
	const refused = pinned ? 'pinned_data' : record.refused;
	if (refused) return { output, origin, receipt: { ...receipt, refused } };
	if (bringsFiles(item, origin.item)) {
		return { output, origin, receipt: { ...receipt, refused: 'answer_has_files' } };
	}
	const response = { ...item.json };
	delete response._cache;
	const { tags, dependsOn } = optionsOf(context, itemIndex);
	const entry: NewEntry = { key: record.key, response, source: sourceOf(context) };
	if (record.ticket) entry.ticket = record.ticket;
	const ttl = lifeOf(context, itemIndex);
	if (ttl !== undefined) entry.ttl = ttl;
	if (tags) entry.tags = listFrom(tags);
	if (dependsOn) entry.depends_on = listFrom(dependsOn);
	if (record.repeats.length > 0) entry.repeats = record.repeats.length;
	const elapsed = arrived - record.at;
	if (elapsed >= 0 && elapsed <= PLAUSIBLE_LATENCY_MS) {
		// The questions of a run went to the model one after the other, or together: each had its share of the time.
		entry.latency = elapsed / 1000 / record.asked;
	}
	return { output, origin, entry, receipt };
}

async function store(context: IExecuteFunctions, results: Result[]): Promise<void> {
	const items = results.flatMap(({ entry }, itemIndex) =>
		entry ? [{ itemIndex, body: entry }] : [],
	);
	const replies = await askInBatches<Stored>(
		context,
		'/v1/store/batch',
		items,
		optionsOf(context, 0),
	);
	hintAtOutage(context, replies.values(), 'The answers were not kept.');
	for (const [itemIndex, reply] of replies) {
		const result = results[itemIndex]!;
		if ('failure' in reply) {
			result.output = failedItem(result.output, reply.failure, itemIndex);
			delete result.receipt;
		} else if ('unreachable' in reply) {
			result.receipt!.refused = 'cache_unreachable';
		} else {
			const { stored, reason, saved } = reply.reply;
			result.saved = saved;
			result.receipt!.stored = stored;
			if (!stored) result.receipt!.refused = reason;
		}
	}
}

/** All answers, each repeat with a copy of its own. */
function everyAnswer(context: IExecuteFunctions, lineage: Lineage, results: Result[]): Placed[] {
	const placed: Placed[] = [];
	let position = -1;
	results.forEach(({ output, origin, receipt, saved }, itemIndex) => {
		const { receipt: wanted = true } = optionsOf(context, itemIndex);
		const copy = (differences: IDataObject = {}): INodeExecutionData =>
			receipt && wanted
				? { ...output, json: { ...output.json, _cache: inOrder({ ...receipt, ...differences }) } }
				: { ...output, json: { ...output.json } };
		const asRepeat = { status: 'repeat', ...(saved && { saved: savedReceipt(saved) }) };
		if (origin) position = positionOf(origin.item);
		placed.push({ position, item: copy() });
		if (!origin) return;
		lineage.repeatsOf(origin).forEach((repeat, at) => {
			const pairedItem: IPairedItemData = {
				item: origin.record.repeats[at]!,
				sourceOverwrite: {
					previousNode: origin.node,
					previousNodeOutput: origin.record.repeatsOutput,
					previousNodeRun: origin.run,
				},
			};
			placed.push({ position: positionOf(repeat), item: { ...copy(asRepeat), pairedItem } });
		});
	});
	return placed;
}

/** Whether an answer carries files that its question did not; only an answer's fields can be stored. */
function bringsFiles(answer: INodeExecutionData, question: INodeExecutionData): boolean {
	return Object.keys(answer.binary ?? {}).some((name) => !(name in (question.binary ?? {})));
}

function optionsOf(context: IExecuteFunctions, itemIndex: number): Options {
	return context.getNodeParameter('options', itemIndex, {}) as Options;
}

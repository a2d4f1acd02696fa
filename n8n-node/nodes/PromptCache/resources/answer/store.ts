import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	IPairedItemData,
} from 'n8n-workflow';

import {
	noteAnswers,
	NOT_KEPT,
	withAnswerRecord,
	type AnswerRecord,
} from '../../../../shared/answerRecord';
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
import { explanationReceipt, inOrder, savedReceipt } from '../../../../shared/receipt';
import { sourceOf } from '../../../../shared/source';
import { askInBatches, hintAtOutage, tolerated } from '../../../../shared/batch';
import { failedItem } from '../../../../shared/failure';
import { bringsFiles, copiedFields, itemsFrom, newFiles, responseOf } from '../../keptItem';
import { Lineage, positionOf, type Origin } from '../../lineage';
import { ANSWER_INPUT, HIT_INPUT } from '../../missRecord';
import type { OperationOption } from '../../operation';
import { isBypassed, isPinned } from '../../passage';
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
			dependsOnProperty,
			tagsProperty,
			unreachableProperty,
			timeoutProperty,
			receiptProperty,
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

/** What becomes of one question, or of an item that belongs to none. */
interface Result {
	/** Of the first item that came in for it. */
	itemIndex: number;
	outputs: INodeExecutionData[];
	origin?: Origin;
	/** What its repeats are given. */
	response?: unknown;
	entry?: NewEntry;
	/** What the cache has of it. */
	kept?: AnswerRecord;
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
	placed.sort((a, b) => a.position - b.position);
	return noteAnswers(context, [placed.map(({ item }) => item)]);
}

/** Store what came from the AI node, and place each answer with a copy for each repeat of its question. */
async function newAnswers(context: IExecuteFunctions): Promise<Placed[]> {
	const items = itemsAt(context, ANSWER_INPUT);
	if (items.length === 0) return [];
	const lineage = new Lineage(context);
	const pinned = isPinned(context);
	const results = byQuestion(context, lineage, items, pinned);
	hintAtCopies(context, results);
	const arrived = Date.now();
	for (const result of results) prepare(context, result, arrived, pinned);
	addUsage(context, results);
	await store(context, results);
	return everyAnswer(context, lineage, results);
}

/** Bring together the items that answer the same question, in the order in which the first of each came. */
function byQuestion(
	context: IExecuteFunctions,
	lineage: Lineage,
	items: INodeExecutionData[],
	pinned: boolean,
): Result[] {
	const results: Result[] = [];
	const answered = new Map<string, Result>();
	items.forEach((item, itemIndex) => {
		const output = { ...item, pairedItem: { item: itemIndex } };
		try {
			const origin = lineage.originOf(itemIndex);
			const known = origin && answered.get(origin.id);
			if (known) {
				known.outputs.push(output);
				return;
			}
			const result: Result = { itemIndex, outputs: [output], origin };
			if (origin) {
				lineage.settle(origin, itemIndex);
				answered.set(origin.id, result);
			}
			results.push(result);
		} catch (cause) {
			if (pinned) {
				results.push({ itemIndex, outputs: [output], receipt: refusal('pinned_data') });
				return;
			}
			const failed = failedItem(context, item, tolerated(context, cause, itemIndex), itemIndex);
			results.push({ itemIndex, outputs: [failed] });
		}
	});
	return results;
}

/** Place what Look Up knew. */
function hits(context: IExecuteFunctions): Placed[] {
	const items = itemsAt(context, HIT_INPUT);
	if (items.length === 0) return [];
	const lineage = new Lineage(context, HIT_INPUT);
	return items.map((item, itemIndex) => ({
		position: lineage.knownPositionOf(itemIndex),
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

/** The receipt of what came here without a question, and is not to be kept anyway. */
function refusal(refused: string): IDataObject {
	return { status: 'miss', stored: false, refused };
}

/** Say what the model used, where n8n knows it; the cache reads the answer's own fields, and else estimates. */
function addUsage(context: IExecuteFunctions, results: Result[]): void {
	if (!results.some(({ entry }) => entry)) return;
	const usages = usagesOf(
		context,
		results.map(({ outputs }) => outputs),
	);
	results.forEach(({ entry }, at) => {
		if (entry && usages[at]) entry.usage = usages[at];
	});
}

/** Decide what to store of an answer, and what to let out. */
function prepare(
	context: IExecuteFunctions,
	result: Result,
	arrived: number,
	pinned: boolean,
): void {
	const { itemIndex, outputs, origin } = result;
	if (!origin) return;
	const { record } = origin;
	result.response = responseOf(outputs, origin);
	if (outputs.some(({ error, json }) => error ?? json.error)) {
		if (record.stale) fallBack(result, origin, record.stale);
		return;
	}
	const receipt: IDataObject = { status: 'miss', reason: record.reason, stored: false };
	if (record.near) receipt.near = record.near;
	if (record.overBudget) receipt.over_budget = record.overBudget;
	if (record.explanation) receipt.explanation = explanationReceipt(record.explanation);
	result.receipt = receipt;
	if (!record.key) return;
	receipt.key = record.key;
	let { refused } = record;
	if (pinned) refused = 'pinned_data';
	else if (isBypassed(context)) refused = 'ai_node_disabled';
	if (refused) {
		receipt.refused = refused;
		return;
	}
	if (outputs.some((output) => bringsFiles(output, origin.item))) {
		receipt.refused = 'answer_has_files';
		return;
	}
	const { tags, dependsOn } = optionsOf(context, itemIndex);
	const entry: NewEntry = {
		key: record.key,
		response: result.response as IDataObject,
		source: sourceOf(context),
	};
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
	result.entry = entry;
}

/** Let the expired answer out in place of one that failed. */
function fallBack(
	result: Result,
	{ item, record }: Origin,
	{ response, receipt }: NonNullable<Origin['record']['stale']>,
): void {
	const pairedItem = { item: result.itemIndex };
	result.outputs = itemsFrom(response, item).map((given) => ({ ...given, pairedItem }));
	result.response = response;
	result.kept = { entry: record.key! };
	result.receipt = receipt;
}

async function store(context: IExecuteFunctions, results: Result[]): Promise<void> {
	const items = results.flatMap(({ entry, itemIndex }) =>
		entry ? [{ itemIndex, body: entry }] : [],
	);
	const replies = await askInBatches<Stored>(
		context,
		'/v1/store/batch',
		items,
		optionsOf(context, 0),
	);
	hintAtOutage(context, replies.values(), 'The answers were not kept.');
	for (const result of results) {
		const { itemIndex } = result;
		const reply = replies.get(itemIndex);
		if (!reply) continue;
		if ('failure' in reply) {
			result.outputs = [failedItem(context, result.outputs[0]!, reply.failure, itemIndex)];
			result.response = result.outputs[0]!.json;
			delete result.receipt;
		} else if ('unreachable' in reply) {
			result.receipt!.refused = 'cache_unreachable';
		} else {
			const { stored, reason, saved } = reply.reply;
			result.saved = saved;
			result.receipt!.stored = stored;
			if (stored) result.kept = { entry: reply.reply.key };
			else result.receipt!.refused = reason;
		}
	}
}

/** All answers, and for each repeat of a question what it is given of them. */
function everyAnswer(context: IExecuteFunctions, lineage: Lineage, results: Result[]): Placed[] {
	const placed: Placed[] = [];
	let position = -1;
	for (const { itemIndex, outputs, origin, response, receipt, saved, kept } of results) {
		const { receipt: wanted = true } = optionsOf(context, itemIndex);
		const place = (item: INodeExecutionData, differences: IDataObject = {}) => {
			const json = { ...item.json };
			if (receipt && wanted) json._cache = inOrder({ ...receipt, ...differences });
			placed.push({ position, item: withAnswerRecord({ ...item, json }, kept ?? NOT_KEPT) });
		};
		if (origin) position = positionOf(origin.item);
		for (const output of outputs) place(output);
		if (!origin) continue;
		const asRepeat = {
			...(receipt?.status === 'miss' && { status: 'repeat' }),
			...(saved && { saved: savedReceipt(saved) }),
		};
		lineage.repeatsOf(origin).forEach((repeat, at) => {
			const pairedItem: IPairedItemData = {
				item: origin.record.repeats[at]!,
				sourceOverwrite: {
					previousNode: origin.node,
					previousNodeOutput: origin.record.repeatsOutput,
					previousNodeRun: origin.run,
				},
			};
			position = positionOf(repeat);
			itemsFrom(response, repeat).forEach((given, nth) => {
				const output = outputs[nth]!;
				const binary = { ...newFiles(output, origin.item), ...given.binary };
				const files = Object.keys(binary).length > 0 && { binary };
				place({ ...output, binary: undefined, ...given, ...files, pairedItem }, asRepeat);
			});
		});
		position = positionOf(origin.item);
	}
	return placed;
}

/** Tell, in the editor, of what another row would be given that is this row's. */
function hintAtCopies(context: IExecuteFunctions, results: Result[]): void {
	for (const { outputs, origin } of results) {
		if (!origin?.ai) continue;
		const { node, after } = origin.ai;
		const [field] = outputs.flatMap((output) => copiedFields(output, origin));
		if (!field) continue;
		context.addExecutionHints({
			message: `"${field}" is the row's own, but "${after[0]}" gives it another name after "${node}". It is kept with the answer, and another row that asks the same gets it too. Put Store right after "${node}".`,
			type: 'warning',
			location: 'outputPane',
		});
		return;
	}
}

function optionsOf(context: IExecuteFunctions, itemIndex: number): Options {
	return context.getNodeParameter('options', itemIndex, {}) as Options;
}

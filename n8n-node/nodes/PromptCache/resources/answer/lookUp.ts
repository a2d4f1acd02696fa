import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Lookup, Outcome, Saved } from '../../../../shared/api';
import { noteAnswers, recordOfFound, withAnswerRecord } from '../../../../shared/answerRecord';
import { usedUpBudget } from '../../../../shared/budget';
import { AI_NODES_ATTRIBUTE } from '../../../../shared/attributes';
import { sourceOf } from '../../../../shared/source';
import {
	hintAtOutage,
	lookUpInBatches,
	tolerated,
	type BatchItem,
	type Failed,
	type Reply,
} from '../../../../shared/batch';
import { failedItem } from '../../../../shared/failure';
import { hintAtClock } from '../../clock';
import { Downstream } from '../../downstream';
import { fingerprintOfAiNodes } from '../../fingerprint';
import { hintAtFlow, refuseHitsTwice } from '../../flowHints';
import { itemsFrom } from '../../keptItem';
import { HIT_OUTPUT, MISS_OUTPUT, withMissRecord, type MissRecord } from '../../missRecord';
import { attachedModel } from '../../model';
import { itemLimit, refuseBranches, warnOfBudget, warnOfReferences } from '../../notices';
import type { OperationOption } from '../../operation';
import { durationFrom } from '../../../../shared/duration';
import { hintAtLikeness } from '../../../../shared/likeness';
import { matchingOf } from '../../../../shared/matching';
import { namespaceOf } from '../../../../shared/namespace';
import { CLOCK, NORMALIZATIONS } from '../../../../shared/normalization';
import { questionOf } from '../../question';
import { Wiring } from '../../wiring';
import { hitReceipt } from '../../../../shared/receipt';
import { runRules } from '../../../../shared/runs';
import { optionsOf } from './lookUpParameters';

export { description } from './lookUpParameters';

const UNREACHABLE = 'cache_unreachable';
const FAILED = 'look_up_failed';

export const option: OperationOption = {
	name: 'Look Up',
	value: 'lookUp',
	action: 'Look up an earlier answer',
	description: 'Find out whether the question was answered before: yes goes to Hit, no to Miss',
};

type Answer = Reply<Outcome>;

export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const wiring = new Wiring(context);
	const downstream = new Downstream(context, wiring);
	refuseBranches(context, wiring, downstream);
	refuseHitsTwice(context, wiring);
	warnOfReferences(context, downstream);
	const incoming = context.getInputData().slice(0, itemLimit(context, downstream));
	const aiNodes = fingerprintOfAiNodes(context, downstream);
	const model = attachedModel(context, downstream);
	const items: Array<BatchItem<Lookup>> = [];
	const failures = new Map<number, Answer>();
	for (let itemIndex = 0; itemIndex < incoming.length; itemIndex++) {
		try {
			items.push({ itemIndex, body: await lookupOf(context, itemIndex, model, aiNodes) });
		} catch (cause) {
			failures.set(itemIndex, { failure: tolerated(context, cause, itemIndex) });
		}
	}
	const answers = await lookUpInBatches(context, items, optionsOf(context, 0));
	hintAtOutage(context, answers.values(), 'All went to Miss, so that the AI model is asked.');
	if (optionsOf(context, 0).normalize !== CLOCK.value) hintAtClock(context, answers.values());
	const outcomes = [...answers.values()].flatMap((answer) =>
		'reply' in answer ? [answer.reply] : [],
	);
	hintAtLikeness(context, outcomes);
	await warnOfBudget(context, outcomes);
	const lookups = new Map(items.map(({ itemIndex, body }) => [itemIndex, body]));
	return route(context, wiring, incoming, new Map([...answers, ...failures]), lookups);
}

/** What two items share that ask the same. */
function identityOf(answer: Answer, body: IDataObject): string {
	return 'reply' in answer ? answer.reply.key : JSON.stringify(body);
}

async function lookupOf(
	context: IExecuteFunctions,
	itemIndex: number,
	attachedModel: string | undefined,
	aiNodes: string | undefined,
): Promise<Lookup> {
	const options = optionsOf(context, itemIndex);
	const body: Lookup = {
		...(await questionOf(context, itemIndex, { ...options, attachedModel })),
		namespace: namespaceOf(context, itemIndex),
		source: sourceOf(context),
	};
	if (options.normalize) body.normalize = NORMALIZATIONS[options.normalize];
	Object.assign(body, matchingOf(options));
	const refresh = context.getNodeParameter('refresh', itemIndex, false) as boolean;
	const maxAge = refresh ? 0 : durationFrom(options.maxAge);
	if (maxAge !== undefined) body.max_age = maxAge;
	const maxStale = durationFrom(options.maxStale);
	if (maxStale) body.max_stale = maxStale;
	const own = runRules(context, options.manualRuns).attributes;
	if (aiNodes && options.watch !== false) own[AI_NODES_ATTRIBUTE] = aiNodes;
	if (Object.keys(own).length > 0) body.attributes = { ...body.attributes, ...own };
	return body;
}

/** Hand each item to its output: the first of equal misses to Miss, its repeats to where only Store finds them. */
function route(
	context: IExecuteFunctions,
	wiring: Wiring,
	incoming: INodeExecutionData[],
	answers: Map<number, Answer>,
	lookups: Map<number, Lookup>,
): INodeExecutionData[][] {
	const misses: INodeExecutionData[] = [];
	const hits: INodeExecutionData[] = [];
	const parked: INodeExecutionData[] = [];
	const records: MissRecord[] = [];
	const firsts = new Map<string, MissRecord>();
	const at = Date.now();
	const repeatsOutput = undeclaredOutput(context);
	// Without a Store nobody would give the repeats their answer.
	const holdsBack = wiring.storesBehind().length > 0;
	let known = 0;
	const saved: Saved[] = [];
	incoming.forEach((asking, item) => {
		const answer = answers.get(item)!;
		const pairedItem = { item };
		if ('failure' in answer && answer.notRecorded) {
			// Of the two outputs, the one that leads past the model.
			hits.push(failedItem(context, asking, answer.failure, item));
			return;
		}
		if ('failure' in answer) {
			const record = { reason: FAILED, at, asked: 1, repeatsOutput, repeats: [] };
			misses.push(withMissRecord(failedItem(context, asking, answer.failure, item), record));
			return;
		}
		if ('reply' in answer && answer.reply.status === 'hit') {
			known++;
			if (answer.reply.saved) saved.push(answer.reply.saved);
			const { receipt: wanted = true } = optionsOf(context, item);
			const receipt = wanted && { _cache: hitReceipt(answer.reply) };
			const record = recordOfFound(answer.reply, lookups.get(item)!);
			for (const given of itemsFrom(answer.reply.response, asking)) {
				const hit = { ...given, json: { ...given.json, ...receipt }, pairedItem };
				hits.push(withAnswerRecord(hit, record));
			}
			return;
		}
		const identity = identityOf(answer, lookups.get(item)!);
		const first = firsts.get(identity);
		if (first && holdsBack) {
			first.repeats.push(parked.length);
			parked.push({ ...asking, pairedItem });
			return;
		}
		const record: MissRecord = { ...missed(answer), at, asked: 0, repeatsOutput, repeats: [] };
		const { refused } = runRules(context, optionsOf(context, item).manualRuns);
		if (refused) record.refused = refused;
		records.push(record);
		if (!first) firsts.set(identity, record);
		const { receipt: wanted = true } = optionsOf(context, item);
		const { key, reason, overBudget } = record;
		// Else the AI node gets the item as it came.
		const told = overBudget !== undefined &&
			wanted && { _cache: { status: 'miss', reason, over_budget: overBudget, key } };
		misses.push(
			withMissRecord({ ...asking, json: { ...asking.json, ...told }, pairedItem }, record),
		);
	});
	for (const record of records) record.asked = records.length;
	// An agent reads the first output alone. Early n8n 2 has no isToolExecution; all give the tool a type of its own.
	if (context.getNode().type.endsWith('Tool')) return noteAnswers(context, [[...misses, ...hits]]);
	hintAtFlow(context, wiring, { known, asked: misses.length, repeated: parked.length, saved });
	const outputs: INodeExecutionData[][] = [];
	outputs[MISS_OUTPUT] = misses;
	outputs[HIT_OUTPUT] = hits;
	if (parked.length > 0) {
		while (outputs.length < repeatsOutput) outputs.push([]);
		outputs[repeatsOutput] = parked;
	}
	return noteAnswers(context, outputs);
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
	answer: Exclude<Answer, Failed>,
): Pick<MissRecord, 'key' | 'ticket' | 'reason' | 'near' | 'explanation' | 'overBudget' | 'stale'> {
	if ('unreachable' in answer) return { reason: UNREACHABLE };
	const { reply } = answer;
	const overBudget = usedUpBudget(reply);
	const budget = overBudget !== undefined && { overBudget };
	if (reply.status === 'stale') {
		const { key, ticket, reason, response } = reply;
		return { key, ticket, reason, ...budget, stale: { response, receipt: hitReceipt(reply) } };
	}
	if (reply.status === 'miss') {
		const { key, ticket, reason, near, explanation } = reply;
		const told = { ...(near && { near }), ...(explanation && { explanation }) };
		return { key, ticket, reason, ...told, ...budget };
	}
	return { key: reply.key, reason: reply.status };
}

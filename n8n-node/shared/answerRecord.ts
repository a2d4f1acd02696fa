import type { IExecuteFunctions, INodeExecutionData, ITaskData, ITaskMetadata } from 'n8n-workflow';

import type { CacheRequest, Hit, Lookup, Stale } from './api';

/** Which answer an item got, for Reject and Accept to find. */
export interface AnswerRecord {
	/** The key of the entry that was given. */
	entry: string;
	/** What was asked, where the entry is the answer to another question. */
	request?: CacheRequest;
}

/** That an answer is the model's own, and the cache has it not. */
export const NOT_KEPT = 'not_kept';

type Noted = AnswerRecord | typeof NOT_KEPT;

/** By output and place. */
type Records = Array<Array<Noted | null>>;

const FIELD = 'promptCache';

const records = new WeakMap<INodeExecutionData, Noted>();

/** The record of an answer that was found. */
export function recordOfFound(found: Hit | Stale, lookup: Lookup): AnswerRecord {
	const matched = found.status === 'hit' ? found.matched : undefined;
	return matched ? { entry: matched.key, request: requestIn(lookup) } : { entry: found.key };
}

/** Remember which answer an item is, until `noteAnswers`. */
export function withAnswerRecord(item: INodeExecutionData, record: Noted): INodeExecutionData {
	records.set(item, record);
	return item;
}

/**
 * Keep the records of what a node puts out, and return that. They stand with the node's run: a Code node that passes
 * its items on takes none with a field beside json, and in json everybody would see them.
 */
export function noteAnswers(
	context: IExecuteFunctions,
	outputs: INodeExecutionData[][],
): INodeExecutionData[][] {
	const found: Records = outputs.map((items) => items.map((item) => records.get(item) ?? null));
	if (found.flat().some((record) => record !== null)) {
		context.setMetadata?.({ [FIELD]: { answers: found } } as ITaskMetadata);
	}
	return outputs;
}

/** The record of an item that a run of one of our nodes put out. */
export function answerRecordAt(
	task: ITaskData | undefined,
	output: number,
	at: number,
): Noted | undefined {
	const metadata = task?.metadata as { [FIELD]?: { answers: Records } } | undefined;
	return metadata?.[FIELD]?.answers[output]?.[at] ?? undefined;
}

/** What is asked, without how it may be answered. */
function requestIn(lookup: Lookup): CacheRequest {
	const request: CacheRequest = { ...lookup };
	for (const name of LOOKUP_FIELDS) delete request[name];
	return request;
}

const LOOKUP_FIELDS = [
	'match',
	'threshold',
	'explain',
	'max_age',
	'max_stale',
	'lease',
	'source',
] as const satisfies Array<keyof Lookup>;

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { LookupExplanation, Near } from '../../shared/api';

/**
 * What Look Up leaves with a missed item for Store to find.
 *
 * It stands beside the item's json and not in it, so that the AI node gets the item as it was.
 */
export interface MissRecord {
	/** Absent when the cache could not be asked. */
	key?: string;
	/** Which lookup it was, for the cache to know how old the answer's data may be. */
	ticket?: string;
	reason: string;
	/** Why the answer may not be stored, if so. */
	refused?: string;
	near?: Near;
	explanation?: LookupExplanation;
	/** When the lookup ended, in milliseconds since 1970. */
	at: number;
	/** How many questions went to the AI in that run. */
	asked: number;
	/** Where the same question's other items are held back: an output beyond the declared ones, and positions there. */
	repeatsOutput: number;
	repeats: number[];
	/** The expired answer, there to fall back on. */
	stale?: { response: unknown; receipt: IDataObject };
}

const FIELD = 'promptCache';

/** The outputs of Look Up. */
export const MISS_OUTPUT = 0;
export const HIT_OUTPUT = 1;

/** The inputs of Store. */
export const ANSWER_INPUT = 0;
export const HIT_INPUT = 1;

export function withMissRecord(item: INodeExecutionData, record: MissRecord): INodeExecutionData {
	return { ...item, [FIELD]: record as unknown as IDataObject };
}

export function missRecordOf(item: INodeExecutionData | undefined): MissRecord | undefined {
	return item?.[FIELD] as unknown as MissRecord | undefined;
}

/** The item as it goes on, where an AI node let all of what it got through. */
export function withoutRecord(item: INodeExecutionData): INodeExecutionData {
	const { ...rest } = item;
	delete rest[FIELD];
	return rest;
}

import type { IDataObject, INodeExecutionData, IPairedItemData } from 'n8n-workflow';

import type { LookupExplanation, Near } from '../../shared/api';

/**
 * What Look Up leaves with a missed item for Store to find.
 *
 * It stands with the item's link to where it came from, which n8n makes anew for whatever the item goes into. So the AI
 * node gets the item as it was, and a Code node may pass it on: it takes none with a field of its own beside json.
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
	/** The budget that is used up. */
	overBudget?: string;
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

/** The item, which has one link. */
export function withMissRecord(item: INodeExecutionData, record: MissRecord): INodeExecutionData {
	const pairedItem = { ...(item.pairedItem as IPairedItemData), [FIELD]: record };
	return { ...item, pairedItem };
}

export function missRecordOf(item: INodeExecutionData | undefined): MissRecord | undefined {
	const pair = item?.pairedItem as { [FIELD]?: MissRecord } | undefined;
	return pair?.[FIELD];
}

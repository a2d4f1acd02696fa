import type { IDataObject } from 'n8n-workflow';

/** What identifies a question; exactly one of `prompt` and `messages`. */
export interface CacheRequest extends IDataObject {
	prompt?: string;
	messages?: IDataObject[];
	system?: string;
	model?: string;
	tools?: IDataObject[];
	response_format?: IDataObject;
	params?: IDataObject;
	attributes?: Record<string, string>;
	namespace?: string;
	normalize?: string | string[];
}

/** Who asks, so that savings are known per workflow and node. */
export interface Source extends IDataObject {
	workflow: string;
	node: string;
}

/** Seconds, or a number with a unit such as `7d`. */
export type Duration = number | string;

export interface Lookup extends CacheRequest {
	match?: 'exact' | 'semantic';
	threshold?: number;
	/** Say why, and what came near. */
	explain?: boolean;
	max_age?: Duration;
	max_stale?: Duration;
	/** Ask to be the only one who asks the model. */
	lease?: boolean | Duration;
	source?: Source;
}

export interface Saved {
	cost_usd: number | null;
	/** The same in the configured currency, where that is not the dollar. */
	cost?: number | null;
	currency?: string;
	input_tokens: number | null;
	output_tokens: number | null;
	seconds: number | null;
	estimated: boolean;
}

export interface Hit {
	status: 'hit';
	key: string;
	match: 'exact' | 'semantic';
	similarity: number;
	/** Of a semantic hit: the entry that was given, and what it answers. */
	matched?: { key: string; question: string };
	explanation?: LookupExplanation;
	age: number;
	ttl: number | null;
	/** Left out in a batch where an earlier item has it: see `duplicate_of`. */
	response?: unknown;
	/** In a batch: the position of the item that asked the same before. */
	duplicate_of?: number;
	saved?: Saved;
}

export interface Stale extends Omit<Hit, 'status' | 'match' | 'similarity' | 'matched'> {
	status: 'stale';
	reason: string;
	over_budget?: string;
	ticket?: string;
	lease?: string;
}

/** What alone sets a question apart from an earlier one, and the mask that makes the two one. */
export interface Near extends IDataObject {
	differs_by: 'date_or_time';
	mask: string;
}

/** What a guard has against giving the answer of one question to the other. */
export interface GuardVerdict extends IDataObject {
	guard: string;
	agrees: boolean;
	saw?: string;
}

/** An earlier question that comes near. */
export interface Neighbour extends IDataObject {
	key: string;
	question: string;
	similarity: number;
	served: boolean;
	/** What is known of the two, by people or a verifier. */
	known?: 'same' | 'different' | null;
	verdicts?: GuardVerdict[];
}

/** Why a lookup came out as it did. */
export interface LookupExplanation extends IDataObject {
	/** Whether questions were sought by meaning, and else why not. */
	searched: boolean;
	why_not?: string;
	threshold?: number;
	nearest?: Neighbour[];
	/** Entries that are the same but for some fields of the request. */
	differs?: Array<{ key: string; fields: string[] }>;
}

export interface Miss {
	status: 'miss';
	key: string;
	reason: string;
	near?: Near;
	explanation?: LookupExplanation;
	/** The budget that is used up, where the model is not to be asked. */
	over_budget?: string;
	/** Which lookup this is; the store that answers it gives it back. */
	ticket?: string;
	lease?: string;
}

export interface Pending {
	status: 'pending';
	key: string;
	/** Seconds; 0 where a batch was too large to be answered in one go. */
	retry_after: number;
}

export type Outcome = Hit | Stale | Miss | Pending;

export interface NewEntry extends IDataObject {
	key: string;
	response: IDataObject;
	/** That of the lookup it answers. */
	ticket?: string;
	/** Seconds or a duration; null for ever, left out for the server's rule. */
	ttl?: Duration | null;
	tags?: string[];
	depends_on?: string[];
	/** Seconds the model took. */
	latency?: number;
	/** Repeats of the question in its run that get the answer as well, without a lookup of their own. */
	repeats?: number;
	/** As the provider names its counts. */
	usage?: IDataObject;
	/** Why the answer ended, in the provider's word. */
	finish_reason?: string;
	lease?: string;
	source?: Source;
}

export interface Stored {
	key: string;
	stored: boolean;
	ttl?: number | null;
	/** What each hit on it will save. */
	saved?: Saved;
	reason?: string;
}

/** How many lookups or stores one batch may hold. */
export const BATCH_SIZE = 1000;

export const DEFAULT_NAMESPACE = 'default';

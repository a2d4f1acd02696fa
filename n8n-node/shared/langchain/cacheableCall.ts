import type { IDataObject } from 'n8n-workflow';

import type { CacheRequest } from '../api';

/** A call of a model as the cache sees it, whatever makes it; `Result` is what its caller gets. */
export interface CacheableCall<Result> {
	/** Aborted when the caller has given up. */
	signal?: AbortSignal;
	/** By which LangChain's listeners know the call. */
	run?: string;
	/** What the user asked last, for people to read. */
	prompt: string;
	/** Everything that shapes the answer, and no secret. Throws where that cannot be told. */
	request(): CacheRequest;
	/** Write the model's answer down. Throws where something would be lost. */
	answer(result: Result, finishReason?: string): Answer;
	/** What the caller gets for a stored response; undefined where it is none of ours. */
	replay(response: unknown): Result | undefined;
	/** The forms in which an output parser may get what a response says. */
	texts(response: unknown): string[];
}

/** What the model said, as it goes to the sidecar. */
export interface Answer {
	response: IDataObject;
	usage?: IDataObject;
	finishReason?: string;
	/** Set when it wants something done, so that it is a step and no answer. */
	step?: 'tool_calls' | 'invalid_tool_calls';
}

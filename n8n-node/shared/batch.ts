import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { Hit, Outcome, Stale } from './api';
import { asNodeError, type NodeError } from './failure';
import { batches, CacheProblem, callCache } from './transport';

export interface BatchItem<Body extends IDataObject = IDataObject> {
	itemIndex: number;
	body: Body;
}

/** What became of one item of a batch. */
export type Reply<T> = { reply: T } | { unreachable: CacheProblem } | Failed;

export interface Failed {
	failure: NodeError;
	/** Whether that is because a cassette is replayed: then no model may be asked. */
	notRecorded?: boolean;
}

export interface BatchOptions {
	/** Seconds. */
	timeout?: number;
	unreachable?: 'continue' | 'stop';
	/** Whether failures are replies even where the node is not to continue on fail. */
	tolerant?: boolean;
}

/** Makes whole, of all that one call answered, what refers to its neighbours. */
type Read<T> = (answers: T[]) => T[];

/**
 * Send all items to a batch route, in as few calls as it takes, and return the replies by the index of the node's item.
 *
 * An outage is a reply unless the user wants to stop. Anything else that goes wrong ends the node, unless it is to
 * continue on fail: then the items that were not accepted are failures, and the others are sent again without them.
 */
export async function askInBatches<T>(
	context: IExecuteFunctions,
	path: string,
	items: BatchItem[],
	options: BatchOptions,
	read: Read<T> = (answers) => answers,
): Promise<Map<number, Reply<T>>> {
	const replies = new Map<number, Reply<T>>();
	for (const batch of batches(items)) {
		for (let left = batch; left.length > 0; )
			left = await ask(context, path, left, options, read, replies);
	}
	return replies;
}

/** Look all items up, and those again whose answers were too much for one reply. */
export async function lookUpInBatches(
	context: IExecuteFunctions,
	items: BatchItem[],
	options: BatchOptions,
): Promise<Map<number, Reply<Outcome>>> {
	const answers = new Map<number, Reply<Outcome>>();
	for (let left = items, before = Infinity; left.length > 0 && left.length < before; ) {
		const replies = await askInBatches<Outcome>(
			context,
			'/v1/lookup/batch',
			left,
			options,
			withResponses,
		);
		for (const [itemIndex, reply] of replies) answers.set(itemIndex, reply);
		before = left.length;
		left = left.filter(({ itemIndex }) => isPutOff(replies.get(itemIndex)!));
	}
	return answers;
}

function isPutOff(answer: Reply<Outcome>): boolean {
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

/** Send one batch, note the replies, and return the items that have to be sent again. */
async function ask<T>(
	context: IExecuteFunctions,
	path: string,
	items: BatchItem[],
	{ timeout = 3, unreachable = 'continue', tolerant = false }: BatchOptions,
	read: Read<T>,
	replies: Map<number, Reply<T>>,
): Promise<BatchItem[]> {
	try {
		const answered = await callCache<{ items: T[] }>(context, {
			method: 'POST',
			path,
			body: { items: items.map(({ body }) => body) },
			timeout,
		});
		const answers = read(answered.items);
		items.forEach(({ itemIndex }, at) => replies.set(itemIndex, { reply: answers[at]! }));
		return [];
	} catch (cause) {
		if (cause instanceof CacheProblem && cause.unreachable && unreachable === 'continue') {
			for (const { itemIndex } of items) replies.set(itemIndex, { unreachable: cause });
			return [];
		}
		const problems =
			cause instanceof CacheProblem ? cause.byPosition() : new Map<number, CacheProblem>();
		const left: BatchItem[] = [];
		items.forEach((item, at) => {
			const own = problems.get(at)?.concerning(item.itemIndex);
			if (problems.size > 0 && !own) return void left.push(item);
			const problem = own ?? cause;
			replies.set(item.itemIndex, {
				failure: (tolerant ? asNodeError : tolerated)(context, problem, item.itemIndex),
				notRecorded: problem instanceof CacheProblem && problem.notRecorded,
			});
		});
		return left;
	}
}

/** Let a failure pass as an item where the user said so, else end the node with it. */
export function tolerated(
	context: IExecuteFunctions,
	cause: unknown,
	itemIndex: number,
): NodeError {
	const error = asNodeError(context, cause, itemIndex);
	if (context.continueOnFail()) return error;
	throw error;
}

/** Tell the user, in the editor, that the cache was not there. */
export function hintAtOutage(
	context: IExecuteFunctions,
	replies: Iterable<Reply<unknown>>,
	consequence: string,
): void {
	for (const reply of replies) {
		if (!('unreachable' in reply)) continue;
		const { message, advice } = reply.unreachable;
		context.addExecutionHints({
			message: `${message}. ${consequence} ${advice}`,
			type: 'warning',
			location: 'outputPane',
		});
		return;
	}
}

import { sleep, type IDataObject, type ISupplyDataFunctions } from 'n8n-workflow';

import type {
	CacheRequest,
	Hit,
	Lookup,
	Miss,
	Near,
	NewEntry,
	Outcome,
	Stale,
	Stored,
} from '../../../shared/api';
import { overBudget, usedUp, usedUpBudget } from '../../../shared/budget';
import { canonical } from '../../../shared/canonical';
import { digest } from '../../../shared/digest';
import { unreadable, type NodeError } from '../../../shared/failure';
import { hintAtLikeness } from '../../../shared/likeness';
import { CLOCK, normalizeProperty } from '../../../shared/normalization';
import { explanationReceipt, hitReceipt } from '../../../shared/receipt';
import { CacheProblem, callCache, CREDENTIAL } from '../../../shared/transport';
import type { CacheableCall } from '../../../shared/langchain/cacheableCall';
import type { Asked } from '../../../shared/langchain/tracing';
import { CallLog } from './callLog';
import * as circuit from './circuitBreaker';
import type { Settings } from './settings';
import type { Try } from './tries';
import { inFlight, join, lead } from './singleFlight';

/** Why there is no answer in a cassette that is being recorded. */
const NOT_RECORDED = 'not_recorded';

/** Why the model may not be asked. */
const OVER_BUDGET = 'over_budget';

/** What one connection of this node to an AI node brings with it. */
export interface Supply {
	context: ISupplyDataFunctions;
	settings: Settings;
	attempt: Try;
	/** See `traceWhenAsked`. */
	asked: Asked;
}

/**
 * One call that goes through the cache: what it found, and what becomes of the model's answer. None of it throws, but
 * `begin` where the model may not be asked: a cassette is replayed that has no answer, or a budget is used up.
 */
export class CachedCall<Result> {
	/** The answer of an earlier call. */
	found?: Result;

	/** An answer past its time, for when the model fails. */
	private stale?: Result;

	private staleResponse?: unknown;

	private receipt: IDataObject = {};

	private staleReceipt: IDataObject = {};

	private key?: string;

	private ticket?: string;

	private lease?: string;

	private question = '';

	/** Whether the answer is for a cassette: a test wants each step of an agent. */
	private recording = false;

	/** Whether a cassette's answer was found, and could not be read. */
	private unreadable = false;

	/** The budget that is used up. */
	private budget?: string;

	private endFlight?: (stored: boolean) => void;

	private readonly context: ISupplyDataFunctions;

	private readonly settings: Settings;

	private readonly attempt: Try;

	private readonly log: CallLog;

	private readonly credential: string;

	private constructor(
		private readonly supply: Supply,
		private readonly call: CacheableCall<Result>,
	) {
		const { context, settings, attempt } = supply;
		this.context = context;
		this.settings = settings;
		this.attempt = attempt;
		attempt.goesOn();
		this.log = new CallLog(context, settings, call.prompt);
		this.credential = context.getNode().credentials?.[CREDENTIAL]?.id ?? '';
	}

	/** Look the call up, unless the user or the call itself forbids it. */
	static async begin<Result>(
		supply: Supply,
		call: CacheableCall<Result>,
	): Promise<CachedCall<Result>> {
		const cached = new CachedCall(supply, call);
		if (supply.settings.mode === 'bypass') {
			cached.receipt = { status: 'bypass' };
			return cached;
		}
		if (circuit.isOpen(cached.credential)) {
			cached.receipt = {
				status: 'unreachable',
				reason: 'The cache did not answer a moment ago, so it is left alone for a few seconds',
			};
			return cached;
		}
		try {
			await cached.lookUp(cached.request());
			circuit.close(cached.credential);
		} catch (cause) {
			if (cause instanceof CacheProblem && cause.notRecorded) {
				throw cached.refused(cause.asNodeError(cached.context));
			}
			cached.goWithout(cause);
		}
		if (cached.unreadable) throw cached.refused(unreadable(cached.context));
		if (cached.budget !== undefined) await cached.goWithoutModel(cached.budget);
		return cached;
	}

	/** The model is about to be asked. */
	async asking(): Promise<void> {
		await this.supply.asked(this.call.run, this.log.index);
	}

	/** Store the model's answer; `seconds` is what it took. */
	async store(result: Result, seconds: number, finishReason?: string): Promise<void> {
		if (!this.key) return this.settle(false);
		if (this.call.signal?.aborted) return await this.abandon('aborted');
		try {
			const { step, usage, ...answer } = this.call.answer(result, finishReason);
			const kept = this.settings.toolCalls || this.recording;
			if (step === 'invalid_tool_calls' || (step && !kept)) {
				return await this.abandon(step);
			}
			const { ttl, tags, dependsOn, source } = this.settings;
			const entry: NewEntry = { key: this.key, response: answer.response, source };
			entry.latency = seconds;
			if (answer.finishReason) entry.finish_reason = answer.finishReason;
			if (usage) entry.usage = usage;
			if (ttl !== undefined) entry.ttl = ttl;
			if (tags.length) entry.tags = tags;
			if (dependsOn.length) entry.depends_on = dependsOn;
			if (this.ticket) entry.ticket = this.ticket;
			if (this.lease) entry.lease = this.lease;
			const { stored, reason } = await this.send<Stored>('/v1/store', entry);
			this.lease = undefined;
			this.receipt.stored = stored;
			if (stored) this.attempt.doubted.delete(this.question);
			else this.receipt.refused = reason;
			this.answered(answer.response, stored ? this.key : undefined);
			return this.settle(stored);
		} catch (cause) {
			this.note(cause);
			return await this.abandon(describe(cause));
		}
	}

	/** The model gave no answer; otherwise as `abandon`. */
	async fail(): Promise<void> {
		this.attempt.failed();
		await this.abandon('model_failed');
	}

	/** Store nothing, and let others who wait for this answer ask the model themselves. */
	async abandon(reason: string): Promise<void> {
		if (this.key) this.receipt = { ...this.receipt, stored: false, refused: reason };
		if (this.lease && !circuit.isOpen(this.credential)) {
			try {
				await this.send('/v1/release', { key: this.key, lease: this.lease });
			} catch (cause) {
				this.note(cause);
			}
		}
		this.settle(false);
	}

	/** The stale answer, if there is one and somebody still waits for it, in the place of the model's `failure`. */
	fallBack(failure: unknown): Result | undefined {
		if (!this.stale || this.call.signal?.aborted) return undefined;
		this.receipt = { ...this.staleReceipt, model: describe(failure) };
		this.attempt.goesOn();
		this.answered(this.staleResponse, this.key);
		return this.stale;
	}

	/** Put what happened into n8n's log; nothing follows. */
	close(): void {
		this.log.end(this.receipt);
	}

	private request(): CacheRequest {
		const { namespace, attributes, normalize } = this.settings;
		const request: CacheRequest = { ...this.call.request(), namespace };
		if (Object.keys(attributes).length > 0) request.attributes = attributes;
		if (normalize) request.normalize = normalize;
		return request;
	}

	private async lookUp(request: CacheRequest): Promise<void> {
		const { mode, matching, maxAge, maxStale, patience, source, unstored } = this.settings;
		const { signal } = this.call;
		this.question = digest(`${this.credential} ${canonical(request)}`);
		const lookup: Lookup = { ...request, ...matching, source };
		if (mode === 'normal') {
			const flight = inFlight(this.question);
			if (!flight) this.endFlight = lead(this.question);
			// Where an answer could not be stored, waiting for one call after the other would be in vain.
			const lease = flight ? await join(flight, patience, signal) : true;
			lookup.lease = lease && !unstored;
		}
		const doubted = this.attempt.doubted.has(this.question);
		// Nothing is ever that young but what a cassette has. The lookup still lets the cache know what stood when the model was asked.
		if (mode === 'refresh' || doubted) lookup.max_age = 0;
		else if (maxAge !== undefined) lookup.max_age = maxAge;
		if (maxStale !== undefined && !doubted) lookup.max_stale = maxStale;
		const deadline = Date.now() + patience * 1000;
		for (;;) {
			const outcome = await this.send<Outcome>('/v1/lookup', lookup);
			if (outcome.status === 'hit') return await this.takeHit(outcome, lookup);
			if (outcome.status !== 'pending') return this.take(outcome);
			const left = deadline - Date.now();
			if (left <= 0 || signal?.aborted) {
				this.key = outcome.key;
				this.receipt = { status: 'miss', reason: 'pending', key: outcome.key };
				return;
			}
			await sleep(Math.min(left, outcome.retry_after * 1000));
		}
	}

	private async takeHit(outcome: Hit, lookup: Lookup): Promise<void> {
		this.found = this.call.replay(outcome.response);
		if (this.found) {
			this.receipt = hitReceipt(outcome);
			hintAtLikeness(this.context, [outcome]);
			this.answered(outcome.response, outcome.matched?.key ?? outcome.key);
		} else {
			this.receipt = { status: 'miss', reason: 'unreadable', key: outcome.key };
			this.unreadable = await this.isReplayed(lookup);
		}
		this.settle(true);
	}

	/** Whether what was found is a cassette's: nothing else is found by who wants it of this very moment. */
	private async isReplayed(lookup: Lookup): Promise<boolean> {
		const now = { ...lookup, lease: false, max_age: 0 };
		const again = await this.send<Outcome>('/v1/lookup', now);
		return again.status === 'hit';
	}

	private take(outcome: Miss | Stale): void {
		const { key, ticket, lease, reason, near, explanation } = outcome as Miss & Stale;
		const { unstored } = this.settings;
		this.budget = usedUpBudget(outcome);
		if (!unstored) this.key = key;
		this.recording = reason === NOT_RECORDED;
		this.ticket = ticket;
		this.lease = lease;
		this.receipt = { status: 'miss', reason, key };
		if (unstored) this.receipt.refused = unstored;
		if (near) this.tellNear(near);
		if (explanation) this.receipt.explanation = explanationReceipt(explanation);
		hintAtLikeness(this.context, [outcome]);
		if (outcome.status === 'stale') {
			this.stale = this.call.replay(outcome.response);
			this.staleResponse = outcome.response;
			this.staleReceipt = hitReceipt(outcome);
		}
	}

	private tellNear(near: Near): void {
		this.receipt.near = near;
		this.context.addExecutionHints({
			message: `This question differs from an earlier one only by a date or time. With "${normalizeProperty.displayName}" set to "${CLOCK.name}" it would have got the earlier answer.`,
			type: 'info',
			location: 'outputPane',
		});
	}

	private answered(response: unknown, key?: string): void {
		this.attempt.answered({ question: this.question, key }, this.call.texts(response));
	}

	/** Give the expired answer in the place of the model's, if there is one. */
	private async goWithoutModel(budget: string): Promise<void> {
		const failure = overBudget(this.context, await usedUp(this.context, budget));
		await this.abandon(OVER_BUDGET);
		if (!this.stale) throw this.refused(failure, OVER_BUDGET, failure.message);
		this.found = this.stale;
		this.receipt = { ...this.staleReceipt, over_budget: budget };
		this.answered(this.staleResponse, this.key);
	}

	/** Tell of a failure after which the model is not to be asked, and return it. */
	private refused(
		failure: NodeError,
		status = NOT_RECORDED,
		reason: string = failure.description ?? failure.message,
	): NodeError {
		this.attempt.failed();
		this.receipt = { status, reason };
		this.settle(false);
		this.close();
		return failure;
	}

	private goWithout(cause: unknown): void {
		const unreachable = cause instanceof CacheProblem && cause.unreachable;
		this.receipt = { status: unreachable ? 'unreachable' : 'not_cached', reason: describe(cause) };
		this.note(cause);
		this.settle(false);
	}

	/** Remember an outage, and tell of what the user can put right. */
	private note(cause: unknown): void {
		if (!(cause instanceof CacheProblem)) return;
		if (cause.unreachable) circuit.trip(this.credential);
		this.context.addExecutionHints({
			message: `${cause.message}. The model was called without the cache. ${cause.advice}`,
			type: 'warning',
			location: 'outputPane',
		});
	}

	/** Tell the calls that wait for this one whether its answer is there to be looked up. */
	private settle(stored: boolean): void {
		this.endFlight?.(stored);
	}

	private async send<T>(path: string, body: IDataObject | Lookup): Promise<T> {
		const { timeout } = this.settings;
		return await callCache<T>(this.context, { method: 'POST', path, body, timeout });
	}
}

function describe(cause: unknown): string {
	return cause instanceof Error ? cause.message : String(cause);
}

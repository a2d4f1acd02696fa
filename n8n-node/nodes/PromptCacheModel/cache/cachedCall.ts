import { sleep, type IDataObject, type ISupplyDataFunctions } from 'n8n-workflow';

import type {
	CacheRequest,
	Lookup,
	Miss,
	NewEntry,
	Outcome,
	Stale,
	Stored,
} from '../../../shared/api';
import { canonical } from '../../../shared/canonical';
import { digest } from '../../../shared/digest';
import { hitReceipt } from '../../../shared/receipt';
import { CacheProblem, callCache, CREDENTIAL } from '../../../shared/transport';
import type { CacheableCall } from '../../../shared/langchain/cacheableCall';
import { CallLog } from './callLog';
import * as circuit from './circuitBreaker';
import type { Settings } from './settings';
import type { Try } from './tries';
import { inFlight, join, lead } from './singleFlight';

/** One call that goes through the cache: what it found, and what becomes of the model's answer. None of it throws. */
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

	private endFlight?: (stored: boolean) => void;

	private readonly log: CallLog;

	private readonly credential: string;

	private constructor(
		private readonly context: ISupplyDataFunctions,
		private readonly settings: Settings,
		private readonly attempt: Try,
		private readonly call: CacheableCall<Result>,
	) {
		attempt.goesOn();
		this.log = new CallLog(context, settings);
		this.credential = context.getNode().credentials?.[CREDENTIAL]?.id ?? '';
	}

	/** Look the call up, unless the user or the call itself forbids it. */
	static async begin<Result>(
		context: ISupplyDataFunctions,
		settings: Settings,
		attempt: Try,
		call: CacheableCall<Result>,
	): Promise<CachedCall<Result>> {
		const cached = new CachedCall(context, settings, attempt, call);
		if (settings.mode === 'bypass') {
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
			cached.goWithout(cause);
		}
		return cached;
	}

	/** Store the model's answer; `seconds` is what it took. */
	async store(result: Result, seconds: number, finishReason?: string): Promise<void> {
		if (!this.key) return this.settle(false);
		if (this.call.signal?.aborted) return await this.abandon('aborted');
		try {
			const { step, usage, ...answer } = this.call.answer(result, finishReason);
			if (step === 'invalid_tool_calls' || (step && !this.settings.toolCalls)) {
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
		const { namespace, attributes } = this.settings;
		const request = { ...this.call.request(), namespace };
		return Object.keys(attributes).length > 0 ? { ...request, attributes } : request;
	}

	private async lookUp(request: CacheRequest): Promise<void> {
		const { mode, maxAge, maxStale, patience, source } = this.settings;
		const { signal } = this.call;
		this.question = digest(`${this.credential} ${canonical(request)}`);
		const lookup: Lookup = { ...request, source };
		if (mode === 'normal') {
			const flight = inFlight(this.question);
			if (!flight) this.endFlight = lead(this.question);
			// Where an answer could not be stored, waiting for one call after the other would be in vain.
			lookup.lease = flight ? await join(flight, patience, signal) : true;
		}
		const doubted = this.attempt.doubted.has(this.question);
		// Nothing is ever that young. The lookup still lets the cache know what stood when the model was asked.
		if (mode === 'refresh' || doubted) lookup.max_age = 0;
		else if (maxAge !== undefined) lookup.max_age = maxAge;
		if (maxStale !== undefined && !doubted) lookup.max_stale = maxStale;
		const deadline = Date.now() + patience * 1000;
		for (;;) {
			const outcome = await this.send<Outcome>('/v1/lookup', lookup);
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

	private take(outcome: Exclude<Outcome, { status: 'pending' }>): void {
		if (outcome.status === 'hit' && this.settings.mode === 'normal') {
			this.found = this.call.replay(outcome.response);
			this.receipt = this.found
				? hitReceipt(outcome)
				: { status: 'miss', reason: 'unreadable', key: outcome.key };
			if (this.found) this.answered(outcome.response, outcome.key);
			this.settle(true);
			return;
		}
		const { key, ticket, lease, reason } = outcome as Miss | Stale;
		this.key = key;
		this.ticket = ticket;
		this.lease = lease;
		this.receipt = { status: 'miss', reason, key };
		if (outcome.status === 'stale') {
			this.stale = this.call.replay(outcome.response);
			this.staleResponse = outcome.response;
			this.staleReceipt = hitReceipt(outcome);
		}
	}

	private answered(response: unknown, key?: string): void {
		this.attempt.answered({ question: this.question, key, texts: this.call.texts(response) });
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

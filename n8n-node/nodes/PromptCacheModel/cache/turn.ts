import { sleep, type IDataObject, type ISupplyDataFunctions } from 'n8n-workflow';

import type {
	CacheRequest,
	Deposit,
	Lookup,
	Miss,
	Outcome,
	Stale,
	Stored,
} from '../../../shared/api';
import { canonical } from '../../../shared/canonical';
import { hitReceipt } from '../../../shared/receipt';
import { CacheProblem, callCache, CREDENTIAL } from '../../../shared/transport';
import { answerOf, replay } from '../langchain/answer';
import { lead, leaderOf, waitFor } from './inFlight';
import type { ChatResult } from '../langchain/langChain';
import { CallLog } from './callLog';
import { isResting, rest, wake } from './outage';
import { digest } from '../langchain/plain';
import { requestOf, type ModelCall } from '../langchain/request';
import type { Settings } from '../settings';

/** One call's dealings with the cache: what it found, and what becomes of the model's answer. None of it throws. */
export class Turn {
	/** The answer of an earlier call. */
	found?: ChatResult;

	/** An answer past its time, for when the model fails. */
	private stale?: ChatResult;

	private receipt: IDataObject = {};

	private staleReceipt: IDataObject = {};

	private key?: string;

	private lease?: string;

	private land?: (kept: boolean) => void;

	private readonly log: CallLog;

	private readonly credential: string;

	private constructor(
		private readonly context: ISupplyDataFunctions,
		private readonly settings: Settings,
		readonly call: ModelCall,
	) {
		this.log = new CallLog(context, settings);
		this.credential = context.getNode().credentials?.[CREDENTIAL]?.id ?? '';
	}

	/** Look the call up, unless the user or the call itself forbids it. */
	static async begin(
		context: ISupplyDataFunctions,
		settings: Settings,
		call: ModelCall,
	): Promise<Turn> {
		const turn = new Turn(context, settings, call);
		if (settings.mode === 'bypass') {
			turn.receipt = { status: 'bypass' };
			return turn;
		}
		if (isResting(turn.credential)) {
			turn.receipt = {
				status: 'unreachable',
				reason: 'The cache did not answer a moment ago, so it is left alone for a few seconds',
			};
			return turn;
		}
		try {
			await turn.lookUp(turn.request());
			wake(turn.credential);
		} catch (cause) {
			turn.goWithout(cause);
		}
		return turn;
	}

	/** Keep the model's answer; `seconds` is what it took. */
	async keep(result: ChatResult, seconds: number, finishReason?: string): Promise<void> {
		if (!this.key) return this.end(false);
		if (this.call.options.signal?.aborted) return await this.abandon('aborted');
		try {
			const { step, usage, ...answer } = answerOf(this.call, result, finishReason);
			if (step === 'invalid_tool_calls' || (step && !this.settings.toolCalls)) {
				return await this.abandon(step);
			}
			const { ttl, tags, dependsOn, source } = this.settings;
			const deposit: Deposit = { key: this.key, response: answer.response, source };
			deposit.latency = seconds;
			if (answer.finishReason) deposit.finish_reason = answer.finishReason;
			if (usage) deposit.usage = usage;
			if (ttl !== undefined) deposit.ttl = ttl;
			if (tags.length) deposit.tags = tags;
			if (dependsOn.length) deposit.depends_on = dependsOn;
			if (this.lease) deposit.lease = this.lease;
			const { stored, reason } = await this.send<Stored>('/v1/store', deposit);
			this.lease = undefined;
			this.receipt.stored = stored;
			if (!stored) this.receipt.refused = reason;
			return this.end(stored);
		} catch (cause) {
			this.note(cause);
			return await this.abandon(describe(cause));
		}
	}

	/** Keep nothing, and let others who wait for this answer ask the model themselves. */
	async abandon(reason: string): Promise<void> {
		if (this.key) this.receipt = { ...this.receipt, stored: false, refused: reason };
		if (this.lease && !isResting(this.credential)) {
			try {
				await this.send('/v1/release', { key: this.key, lease: this.lease });
			} catch (cause) {
				this.note(cause);
			}
		}
		this.end(false);
	}

	/** The stale answer, if there is one and somebody still waits for it, in the place of the model's `failure`. */
	fallBack(failure: unknown): ChatResult | undefined {
		if (!this.stale || this.call.options.signal?.aborted) return undefined;
		this.receipt = { ...this.staleReceipt, model: describe(failure) };
		return this.stale;
	}

	/** Put what happened into n8n's log; nothing follows. */
	close(): void {
		this.log.end(this.receipt);
	}

	private request(): CacheRequest {
		const { namespace, attributes } = this.settings;
		const request = { ...requestOf(this.call), namespace };
		return Object.keys(attributes).length > 0 ? { ...request, attributes } : request;
	}

	private async lookUp(request: CacheRequest): Promise<void> {
		const { mode, maxAge, maxStale, patience, source } = this.settings;
		const { signal } = this.call.options;
		const lookup: Lookup = { ...request, source };
		if (maxStale !== undefined) lookup.max_stale = maxStale;
		if (mode === 'refresh') {
			// Nothing is ever that young. The lookup still lets the cache know what stood when the model was asked.
			lookup.max_age = 0;
		} else {
			if (maxAge !== undefined) lookup.max_age = maxAge;
			const id = digest(`${this.credential} ${canonical(request)}`);
			const leader = leaderOf(id);
			if (!leader) this.land = lead(id);
			// Where an answer could not be kept, waiting for the next one in turn would be in vain.
			lookup.lease = leader ? await waitFor(leader, patience, signal) : true;
		}
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
			this.found = replay(this.call, outcome.response);
			this.receipt = this.found
				? hitReceipt(outcome)
				: { status: 'miss', reason: 'unreadable', key: outcome.key };
			this.end(true);
			return;
		}
		const { key, lease, reason } = outcome as Miss | Stale;
		this.key = key;
		this.lease = lease;
		this.receipt = { status: 'miss', reason, key };
		if (outcome.status === 'stale') {
			this.stale = replay(this.call, outcome.response);
			this.staleReceipt = hitReceipt(outcome);
		}
	}

	private goWithout(cause: unknown): void {
		const unreachable = cause instanceof CacheProblem && cause.unreachable;
		this.receipt = { status: unreachable ? 'unreachable' : 'not_cached', reason: describe(cause) };
		this.note(cause);
		this.end(false);
	}

	/** Remember an outage, and tell of what the user can put right. */
	private note(cause: unknown): void {
		if (!(cause instanceof CacheProblem)) return;
		if (cause.unreachable) rest(this.credential);
		this.context.addExecutionHints({
			message: `${cause.message}. The model was called without the cache. ${cause.advice}`,
			type: 'warning',
			location: 'outputPane',
		});
	}

	private end(kept: boolean): void {
		this.land?.(kept);
	}

	private async send<T>(path: string, body: IDataObject | Lookup): Promise<T> {
		const { timeout } = this.settings;
		return await callCache<T>(this.context, { method: 'POST', path, body, timeout });
	}
}

function describe(cause: unknown): string {
	return cause instanceof Error ? cause.message : String(cause);
}

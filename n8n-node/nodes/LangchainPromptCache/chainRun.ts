import {
	sleep,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

import {
	noteAnswers,
	NOT_KEPT,
	recordOfFound,
	withAnswerRecord,
	type AnswerRecord,
} from '../../shared/answerRecord';
import type { Hit, Miss, NewEntry, Outcome, Saved, Stale, Stored } from '../../shared/api';
import {
	askInBatches,
	hintAtOutage,
	lookUpInBatches,
	tolerated,
	type BatchOptions,
	type Failed,
	type Reply,
} from '../../shared/batch';
import { overBudget, usedUp, usedUpBudget } from '../../shared/budget';
import { canonical } from '../../shared/canonical';
import { failedItem, unreadable } from '../../shared/failure';
import { replay } from '../../shared/langchain/answer';
import { hintAtLikeness } from '../../shared/likeness';
import { explanationReceipt, hitReceipt, inOrder, savedReceipt } from '../../shared/receipt';
import { runRules } from '../../shared/runs';
import { fieldsOf } from './format';
import { ask, textOf, type ModelAnswer, type NoAnswer } from './modelAnswer';
import { paceOf, reachOf, settingsOf } from './parameters';
import { questionOf, type Question } from './question';

/** What comes out for one item. */
type Result = { parts: unknown[]; receipt: IDataObject; kept?: AnswerRecord } | Failed;

/** A question for the model, with all items that ask it. */
interface Unanswered {
	/** The first of them speaks for all. */
	questions: Question[];
	receipt: IDataObject;
	/** Where the answer is kept; absent where it cannot be. */
	key?: string;
	ticket?: string;
	/** The expired answer, there to fall back on. */
	stale?: Stale;
}

const UNUSABLE = 'unusable_output';

/** All items of one execution of the node: looked up together, asked where nothing was found, and put out in order. */
export class ChainRun {
	private readonly results = new Map<number, Result>();

	private readonly reach: Required<BatchOptions>;

	/** Cleared when the cache is gone, so that the run does not wait for it again and again. */
	private storing = true;

	/** What is told of each budget that is used up. */
	private readonly used = new Map<string, string>();

	constructor(private readonly context: IExecuteFunctions) {
		this.reach = reachOf(context);
	}

	async execute(): Promise<INodeExecutionData[][]> {
		const questions = await this.questions();
		const { size, delay } = paceOf(this.context);
		const unanswered = await this.lookUp(questions);
		for (let at = 0; at < unanswered.length; at += size) {
			if (at > 0 && delay > 0) await sleep(delay);
			if (this.context.getExecutionCancelSignal()?.aborted) break;
			await this.answer(unanswered.slice(at, at + size));
		}
		const answers = this.context.getInputData().flatMap((item, index) => this.output(item, index));
		return noteAnswers(this.context, [answers]);
	}

	private async questions(): Promise<Question[]> {
		const questions: Question[] = [];
		for (let at = 0; at < this.context.getInputData().length; at++) {
			try {
				questions.push(await questionOf(this.context, at));
			} catch (cause) {
				this.results.set(at, { failure: tolerated(this.context, cause, at) });
			}
		}
		return questions;
	}

	/** Note what was found, and return what the model has to be asked. */
	private async lookUp(questions: Question[]): Promise<Unanswered[]> {
		const outcomes = await this.outcomes(questions);
		hintAtOutage(
			this.context,
			outcomes.values(),
			'The model was asked each question, as if there were no cache, and nothing was kept.',
		);
		hintAtLikeness(
			this.context,
			[...outcomes.values()].flatMap((outcome) => ('reply' in outcome ? [outcome.reply] : [])),
		);
		const unanswered = new Map<string, Unanswered>();
		const unusable: Question[] = [];
		for (const question of questions) {
			const outcome = outcomes.get(question.itemIndex);
			if (outcome && 'failure' in outcome) this.results.set(question.itemIndex, outcome);
			else if (!outcome || 'unreachable' in outcome || outcome.reply.status !== 'hit') {
				if (!(await this.refuse(question, outcome))) join(unanswered, question, outcome);
			} else if (!(await this.give(question, outcome.reply))) unusable.push(question);
		}
		const again = unusable.map((question) => ({
			...question,
			lookup: { ...question.lookup!, max_age: 0 },
		}));
		const reasons = await this.outcomes(again);
		for (const question of again) {
			const outcome = reasons.get(question.itemIndex);
			if (outcome && 'failure' in outcome) this.results.set(question.itemIndex, outcome);
			else if (outcome && 'reply' in outcome && outcome.reply.status === 'hit')
				await this.giveReplayed(question, outcome.reply);
			else if (!(await this.refuse(question, outcome)))
				join(unanswered, question, outcome, UNUSABLE);
		}
		return [...unanswered.values()];
	}

	private async outcomes(questions: Question[]): Promise<Map<number, Reply<Outcome>>> {
		const items = questions.flatMap(({ itemIndex, lookup }) =>
			lookup ? [{ itemIndex, body: lookup }] : [],
		);
		return await lookUpInBatches(this.context, items, { ...this.reach, tolerant: false });
	}

	/** Take a stored answer for the item's; not if it cannot be read. */
	private async give(question: Question, found: Hit | Stale): Promise<boolean> {
		const { itemIndex, call, format } = question;
		const result = replay(call, found.response);
		if (!result) return false;
		try {
			const parts = await format.read(textOf(result));
			const kept = recordOfFound(found, question.lookup!);
			this.results.set(itemIndex, { parts, receipt: hitReceipt(found), kept });
			return true;
		} catch {
			return false;
		}
	}

	/** Take the answer of a cassette, which alone is found anew, for the item's; the model is not asked in its place. */
	private async giveReplayed(question: Question, found: Hit): Promise<void> {
		if (await this.give(question, found)) return;
		const { itemIndex } = question;
		const failure = unreadable(this.context, itemIndex);
		this.results.set(itemIndex, { failure: tolerated(this.context, failure, itemIndex) });
	}

	/** Where a budget is used up: the expired answer, or a failure, in the place of the model's answer. */
	private async refuse(question: Question, outcome?: Reply<Outcome>): Promise<boolean> {
		if (!outcome || !('reply' in outcome)) return false;
		const { reply } = outcome;
		const budget = usedUpBudget(reply);
		if (budget === undefined) return false;
		if (reply.status === 'stale' && (await this.give(question, reply))) return true;
		const { itemIndex } = question;
		const used = this.used.get(budget) ?? (await usedUp(this.context, budget));
		this.used.set(budget, used);
		const failure = overBudget(this.context, used, itemIndex);
		this.results.set(itemIndex, { failure: tolerated(this.context, failure, itemIndex) });
		return true;
	}

	/** Ask the model a few questions at once, and keep what it said before anything else can go wrong. */
	private async answer(batch: Unanswered[]): Promise<void> {
		const answers = await Promise.all(
			batch.map(async ({ questions: [first] }) => await ask(this.context, first!)),
		);
		const entries = batch.map((unanswered, at) => this.entryOf(unanswered, answers[at]!));
		const saved = await this.store(batch, entries);
		for (const [at, unanswered] of batch.entries()) {
			const answer = answers[at]!;
			if ('parts' in answer) this.note(unanswered, answer, saved[at]);
			else await this.fail(unanswered, answer);
		}
	}

	/** What to store of an answer, if anything. */
	private entryOf(
		{ questions, key, ticket, receipt }: Unanswered,
		said: ModelAnswer | NoAnswer,
	): NewEntry | undefined {
		if (!key || 'problem' in said) return undefined;
		const { answer, refused, latency } = said;
		const { ttl, tags, dependsOn, manualRuns } = questions[0]!.settings;
		const reason = refused ?? runRules(this.context, manualRuns).refused;
		if (reason) receipt.refused = reason;
		if (reason || !answer) return undefined;
		const entry: NewEntry = {
			key,
			response: answer.response,
			source: questions[0]!.lookup!.source,
		};
		if (ticket) entry.ticket = ticket;
		if (ttl !== undefined) entry.ttl = ttl;
		if (tags.length > 0) entry.tags = tags;
		if (dependsOn.length > 0) entry.depends_on = dependsOn;
		if (questions.length > 1) entry.repeats = questions.length - 1;
		if (answer.usage) entry.usage = answer.usage;
		if (answer.finishReason) entry.finish_reason = answer.finishReason;
		entry.latency = latency;
		return entry;
	}

	/** Store the entries, write what became of them into the receipts, and return what each will save. */
	private async store(
		batch: Unanswered[],
		entries: Array<NewEntry | undefined>,
	): Promise<Array<Saved | undefined>> {
		const items = entries.flatMap((body, itemIndex) => (body ? [{ itemIndex, body }] : []));
		if (!this.storing) {
			for (const { itemIndex } of items) batch[itemIndex]!.receipt.refused = 'cache_unreachable';
			return [];
		}
		const replies = await askInBatches<Stored>(this.context, '/v1/store/batch', items, this.reach);
		hintAtOutage(this.context, replies.values(), 'The answers were not kept.');
		const saved: Array<Saved | undefined> = [];
		for (const [at, reply] of replies) {
			const { receipt } = batch[at]!;
			if ('reply' in reply) {
				const { stored, reason } = reply.reply;
				saved[at] = reply.reply.saved;
				receipt.stored = stored;
				if (!stored) receipt.refused = reason;
			} else if ('failure' in reply) {
				receipt.refused = reply.failure.message;
			} else {
				receipt.refused = 'cache_unreachable';
				this.storing = false;
			}
		}
		return saved;
	}

	private note(
		{ questions, receipt, key }: Unanswered,
		{ parts }: ModelAnswer,
		saved?: Saved,
	): void {
		const kept = receipt.stored ? { entry: key! } : undefined;
		const repeat = { ...receipt, status: 'repeat', ...(saved && { saved: savedReceipt(saved) }) };
		questions.forEach(({ itemIndex }, at) => {
			this.results.set(itemIndex, { parts, receipt: at === 0 ? receipt : repeat, kept });
		});
	}

	/** Give the expired answer if the model failed, else let the items fail. */
	private async fail(
		{ questions, stale }: Unanswered,
		{ problem, cause }: NoAnswer,
	): Promise<void> {
		for (const question of questions) {
			if (stale && problem === 'model_failed' && (await this.give(question, stale))) continue;
			const { itemIndex } = question;
			this.results.set(itemIndex, { failure: tolerated(this.context, cause, itemIndex) });
		}
	}

	private output(incoming: INodeExecutionData, item: number): INodeExecutionData[] {
		const result = this.results.get(item);
		const pairedItem = { item };
		if (!result) return [];
		if ('failure' in result) {
			const failed = failedItem(this.context, incoming, result.failure, item);
			return [withAnswerRecord(failed, NOT_KEPT)];
		}
		const { receipt: wanted } = settingsOf(this.context, item);
		return result.parts.map((part) => {
			const receipt = wanted && { _cache: inOrder(result.receipt) };
			return withAnswerRecord(
				{ json: { ...fieldsOf(part), ...receipt }, pairedItem },
				result.kept ?? NOT_KEPT,
			);
		});
	}
}

/** Put a question with those that ask the same. */
function join(
	unanswered: Map<string, Unanswered>,
	question: Question,
	outcome?: Exclude<Reply<Outcome>, Failed>,
	unusable?: string,
): void {
	const reply = outcome && 'reply' in outcome ? outcome.reply : undefined;
	const { itemIndex, lookup } = question;
	const id = reply?.key ?? (lookup ? canonical(lookup) : `item ${itemIndex}`);
	const same = unanswered.get(id);
	if (same) {
		same.questions.push(question);
		return;
	}
	const receipt: IDataObject = { status: 'miss', stored: false };
	if (!reply) {
		receipt.reason = question.uncacheable ?? 'cache_unreachable';
		if (question.uncacheable) receipt.status = 'not_cached';
		unanswered.set(id, { questions: [question], receipt });
		return;
	}
	const { key, ticket, near, explanation, reason = reply.status } = reply as Partial<Miss>;
	receipt.reason = unusable ?? reason;
	if (near) receipt.near = near;
	if (explanation) receipt.explanation = explanationReceipt(explanation);
	receipt.key = key;
	const stale = reply.status === 'stale' && !unusable ? reply : undefined;
	unanswered.set(id, { questions: [question], receipt, key, ticket, stale });
}

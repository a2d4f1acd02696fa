import { digest } from '../../../shared/digest';
import type { Execution } from './execution';
import { gistOf, refusedTexts } from './refusedTexts';

/** An answer that went to the root node. */
export interface Given {
	/** Which question it answers, in this process. */
	question: string;
	/** Under which the cache has it; undefined where it has not. */
	key?: string;
}

/** One try of a run of the root node: all calls between one start of the node and its end. */
export class Try {
	private readonly started = Date.now();

	private given: Given[] = [];

	/** By digests of what a parser makes of them. */
	private byGist = new Map<string, Given[]>();

	/** Those of the answers after which nothing was asked any more. */
	private last: Given[] = [];

	private modelFailed = false;

	private refusedOnes?: Given[];

	constructor(
		private readonly execution: Execution,
		/** Questions whose earlier answers were of no use in this run: the model has to be asked again. */
		readonly doubted: Set<string>,
	) {}

	get ended(): boolean {
		return this.refusedOnes !== undefined;
	}

	/** Answers that an output parser refused, known once the try has ended. */
	get refused(): Given[] {
		return this.refusedOnes ?? [];
	}

	/** The root node goes on, so what it was given before was of use. */
	goesOn(): void {
		this.last = [];
		this.modelFailed = false;
	}

	/** `texts` are the forms in which a parser may get the answer. */
	answered(given: Given, texts: string[]): void {
		this.given.push(given);
		this.last.push(given);
		for (const gist of new Set(texts.map(gistOf).map(digest))) {
			this.byGist.set(gist, [...(this.byGist.get(gist) ?? []), given]);
		}
	}

	/** The model itself had no answer; no other answer is to blame for what comes of it. */
	failed(): void {
		this.modelFailed = true;
	}

	/** Called once for each connection of the root node; only the first call says what was refused. */
	end(): Given[] {
		if (this.ended) return [];
		const { runData, parentNode } = this.execution;
		// A text that is nobody's could have been made of any answer.
		const refused = refusedTexts(runData(), this.started).flatMap(
			({ gist, user }) => this.byGist.get(digest(gist)) ?? (user === parentNode ? this.given : []),
		);
		this.refusedOnes = [...new Set(refused)];
		this.given = [];
		this.byGist = new Map();
		return this.refusedOnes;
	}

	/** Answers that made the root node fail, if it did: those refused, or else the last ones. */
	blamed(): Given[] {
		if (this.refused.length > 0) return this.refused;
		return this.modelFailed ? [] : this.last;
	}
}

/** The tries of one run of the root node: n8n makes several with *Retry On Fail*. */
export class Tries {
	private current?: Try;

	private static readonly byRun = new WeakMap<object, Map<string, Tries>>();

	private constructor(private readonly execution: Execution) {}

	/** Those that a cache node sees in the run it works in. They are forgotten with the run. */
	static of(node: string, execution: Execution): { tries: Tries; isNew: boolean } {
		const inRun = Tries.byRun.get(execution.run) ?? new Map<string, Tries>();
		Tries.byRun.set(execution.run, inRun);
		const known = inRun.get(node);
		const tries = known ?? new Tries(execution);
		inRun.set(node, tries);
		return { tries, isNew: !known };
	}

	/** Whether a try has begun and not ended. */
	get underWay(): boolean {
		return this.current !== undefined && !this.current.ended;
	}

	/** The try that is under way; the one before it has failed if this is a new one. */
	begin(): Try {
		const before = this.current;
		if (before && this.underWay) {
			before.goesOn();
			return before;
		}
		const doubted = new Set(before?.doubted);
		for (const { question } of before?.blamed() ?? []) doubted.add(question);
		return (this.current = new Try(this.execution, doubted));
	}

	/** Answers that may have made the run fail for good, where no parser is known to have refused any. */
	suspects(): Given[] {
		const { rootNode, runIndex } = this.execution;
		const failed = rootNode && this.execution.runData()[rootNode]?.[runIndex]?.error;
		if (!failed || !this.current || this.current.refused.length > 0) return [];
		return this.current.blamed();
	}
}

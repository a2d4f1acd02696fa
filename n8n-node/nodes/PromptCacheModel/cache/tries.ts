import type { Execution } from './execution';
import { gistOf, refusedTexts } from './refusedTexts';

/** An answer that went to the root node. */
export interface Given {
	/** Which question it answers, in this process. */
	question: string;
	/** Under which the cache has it; undefined where it has not. */
	key?: string;
	/** The forms in which a parser may get it. */
	texts: string[];
}

/** One try of a run of the root node: all calls between one start of the node and its end. */
export class Try {
	private readonly started = Date.now();

	private readonly given: Given[] = [];

	/** Those of the answers after which nothing was asked any more. */
	private last: Given[] = [];

	private modelFailed = false;

	private over = false;

	constructor(
		private readonly execution: Execution,
		/** Questions whose earlier answers were of no use in this run: the model has to be asked again. */
		readonly doubted: Set<string>,
	) {}

	get ended(): boolean {
		return this.over;
	}

	/** Whether this is the first to say so. */
	end(): boolean {
		const first = !this.over;
		this.over = true;
		return first;
	}

	/** The root node goes on, so what it was given before was of use. */
	goesOn(): void {
		this.last = [];
		this.modelFailed = false;
	}

	answered(given: Given): void {
		this.given.push(given);
		this.last.push(given);
	}

	/** The model itself had no answer; no other answer is to blame for what comes of it. */
	failed(): void {
		this.modelFailed = true;
	}

	/** Answers that an output parser refused. One that is not known by its text could be any of them. */
	refused(): Given[] {
		const byGist = new Map<string, Given[]>();
		for (const given of this.given) {
			for (const gist of given.texts.map(gistOf)) {
				byGist.set(gist, [...(byGist.get(gist) ?? []), given]);
			}
		}
		const { runData, parentNode } = this.execution;
		const refused = refusedTexts(runData(), this.started).flatMap(
			({ gist, user }) => byGist.get(gist) ?? (user === parentNode ? this.given : []),
		);
		return [...new Set(refused)];
	}

	/** Answers that may have made the root node fail, where it did and nothing says why. */
	suspects(): Given[] {
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
		const blamed = before ? [before.refused(), before.suspects()].find((some) => some.length) : [];
		for (const { question } of blamed ?? []) doubted.add(question);
		return (this.current = new Try(this.execution, doubted));
	}

	/** When the run has failed for good: answers of its last try that nobody is known to have refused. */
	suspects(): Given[] {
		const { rootNode, runIndex } = this.execution;
		const failed = rootNode && this.execution.runData()[rootNode]?.[runIndex]?.error;
		if (!failed || !this.current || this.current.refused().length > 0) return [];
		return this.current.suspects();
	}
}

import type { IExecuteFunctions, ISupplyDataFunctions } from 'n8n-workflow';

import type { LookupExplanation, Neighbour, Outcome } from './api';
import { AI_NODES_ATTRIBUTE } from './attributes';
import { RUNS_ATTRIBUTE } from './runs';

/** How much of a question is told where one line has to do. */
const LONGEST_QUESTION = 120;

/** Why nothing but the very same question was found. */
export const EMBEDDER_UNAVAILABLE = 'embedder_unavailable';

/** Fields that no node shows under their name. */
const IN_WORDS: Record<string, string> = {
	[`attributes.${AI_NODES_ATTRIBUTE}`]: 'setup of the AI nodes',
	[`attributes.${RUNS_ATTRIBUTE}`]: 'kind of run (in the editor, or in production)',
	'attributes.prompt-cache.payer': 'API key of the provider',
};

/** Such as `93% like: How do I reset my password?`. */
export function like({ similarity, question }: Pick<Neighbour, 'similarity' | 'question'>): string {
	const line = question.replace(/\s+/g, ' ').trim();
	const told =
		line.length > LONGEST_QUESTION ? `${line.slice(0, LONGEST_QUESTION).trimEnd()}...` : line;
	// Rounded down: what is 100% like has the very same words.
	return `${Math.floor(similarity * 100 + 1e-6)}% like: ${told}`;
}

/** Which question was answered, where it was another than the one that was asked. */
export function likeOf(outcome: Outcome): string | undefined {
	if (outcome.status !== 'hit' || !outcome.matched) return undefined;
	return like({ similarity: outcome.similarity, question: outcome.matched.question });
}

/** Why a lookup was a miss, in a sentence without an end. */
export function whyNot(
	{ searched, why_not, nearest, differs, threshold }: LookupExplanation,
	reason?: string,
): string {
	const [first] = nearest ?? [];
	if (first) return `nearest is ${like(first)} (${refusalOf(first, threshold, reason)})`;
	// What was asked otherwise is another question, whatever else is as it was.
	const other = (differs ?? []).find(({ fields }) => !fields.includes('question'));
	if (other) return `it was asked before, with another ${inWords(other.fields)}`;
	if (why_not) return why_not;
	if (!searched) return 'no earlier question is the same';
	// The one that differs least comes first: where it has another setup, no other one could come near.
	const setup = inWords((differs?.[0]?.fields ?? []).filter((field) => field !== 'question'));
	return setup
		? `no earlier question comes near that has the same ${setup}`
		: 'no earlier question comes near';
}

function inWords(fields: string[]): string {
	return fields.map((field) => IN_WORDS[field] ?? field).join(', ');
}

/** Why an answer that would fit is not given, by the reason of the miss. */
const WITHHELD: Record<string, string> = {
	shadow: 'the namespace is only watched: shadow',
	not_proven: 'too little is known of such pairs yet: max_error',
};

/** What kept a neighbour from being served. */
function refusalOf(
	{ similarity, known, verdicts }: Neighbour,
	threshold?: number,
	reason = '',
): string {
	if (known === 'different') return 'it was said that they are different';
	if (threshold !== undefined && similarity < threshold) {
		return `below the threshold of ${Math.round(threshold * 100)}%`;
	}
	const refused = (verdicts ?? []).filter(({ agrees }) => !agrees);
	if (refused.length === 0) return WITHHELD[reason] ?? 'not given';
	return refused.map(({ guard, saw }) => (saw ? `${guard}: ${saw}` : guard)).join('; ');
}

/** Tell, in the editor, what was answered by meaning, why the others were not, and of an embedder that is away. */
export function hintAtLikeness(
	context: IExecuteFunctions | ISupplyDataFunctions,
	outcomes: Outcome[],
): void {
	const likes = outcomes.flatMap((outcome) => likeOf(outcome) ?? []);
	if (likes.length > 0) {
		const [first] = likes;
		hint(
			context,
			outcomes.length === 1
				? `Answered by meaning, ${first}`
				: `${likes.length} of ${outcomes.length} answered by meaning. The first: ${first}`,
		);
	}
	const misses = outcomes.filter((outcome) => outcome.status === 'miss');
	const explained = misses.flatMap(({ explanation, reason }) =>
		explanation ? whyNot(explanation, reason) : [],
	);
	if (explained.length > 0) {
		const which =
			explained.length === 1
				? 'a question was a miss'
				: `the first of ${explained.length} was a miss`;
		hint(context, `Why ${which}: ${explained[0]}.`);
	}
	if (misses.some(({ reason }) => reason === EMBEDDER_UNAVAILABLE)) {
		hint(
			context,
			'The embedder of the cache server did not answer, so only the very same questions were found. "prompt-cache doctor" says what is wrong with it.',
			'warning',
		);
	}
}

function hint(
	context: IExecuteFunctions | ISupplyDataFunctions,
	message: string,
	type: 'info' | 'warning' = 'info',
): void {
	context.addExecutionHints({ message, type, location: 'outputPane' });
}

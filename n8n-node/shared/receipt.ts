import type { IDataObject } from 'n8n-workflow';

import type { Hit, LookupExplanation, Saved, Stale } from './api';
import { amount } from './money';

/** A receipt as people read it: what became of the question and what it saved, then why, and the long key last. */
export function inOrder({ status, saved, key, ...more }: IDataObject): IDataObject {
	return {
		...(status !== undefined && { status }),
		...(saved !== undefined && { saved }),
		...more,
		...(key !== undefined && { key }),
	};
}

/** The receipt of a found answer. */
export function hitReceipt(outcome: Hit | Stale): IDataObject {
	const receipt: IDataObject = { status: outcome.status, key: outcome.key };
	if (outcome.saved) receipt.saved = savedReceipt(outcome.saved);
	receipt.age_seconds = outcome.age;
	if (outcome.status === 'hit') {
		receipt.match = outcome.match;
		if (outcome.match === 'semantic') receipt.similarity = outcome.similarity;
		if (outcome.matched) receipt.matched = outcome.matched;
	}
	if (outcome.explanation) receipt.explanation = explanationReceipt(outcome.explanation);
	return inOrder(receipt);
}

/** Why a lookup came out as it did; of the guards, those that refused. */
export function explanationReceipt(explanation: LookupExplanation): IDataObject {
	const nearest = explanation.nearest?.map(({ verdicts, ...neighbour }) => {
		const refusals = verdicts?.filter(({ agrees }) => !agrees) ?? [];
		return refusals.length > 0 ? { ...neighbour, verdicts: refusals } : neighbour;
	});
	return nearest ? { ...explanation, nearest } : explanation;
}

/** What an answer saved; null where it is not known. */
export function savedReceipt({
	cost_usd,
	cost,
	currency,
	input_tokens,
	output_tokens,
	seconds,
	estimated,
}: Saved): IDataObject {
	const counted = input_tokens !== null || output_tokens !== null;
	return {
		usd: cost_usd,
		...(currency !== undefined && { cost: cost ?? null, currency }),
		tokens: counted ? (input_tokens ?? 0) + (output_tokens ?? 0) : null,
		milliseconds: seconds === null ? null : Math.round(seconds * 1000),
		estimated,
	};
}

/** The money of a receipt in words; nothing where the price is not known. */
export function savedMoney({ usd, cost, currency }: IDataObject): string | undefined {
	const [sum, code] = currency === undefined ? [usd] : [cost, currency];
	return typeof sum === 'number' ? amount(sum, code as string | undefined) : undefined;
}

/** What all of these saved, in words; nothing where no price is known. */
export function savedInAll(all: Saved[]): string | undefined {
	const code = all.find(({ currency }) => currency !== undefined)?.currency;
	const sums = all.flatMap(({ cost, cost_usd }) => (code === undefined ? cost_usd : cost) ?? []);
	return sums.length > 0
		? amount(
				sums.reduce((one, other) => one + other),
				code,
			)
		: undefined;
}

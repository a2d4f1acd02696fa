import type { IDataObject } from 'n8n-workflow';

import type { Hit, Saved, Stale } from './api';

/** What a found answer saved; null where it is not known. */
export function hitReceipt(outcome: Hit | Stale): IDataObject {
	const receipt: IDataObject = { status: outcome.status, key: outcome.key };
	if (outcome.status === 'hit') {
		receipt.match = outcome.match;
		if (outcome.match === 'semantic') receipt.similarity = outcome.similarity;
	}
	receipt.age = outcome.age;
	if (outcome.saved) receipt.saved = savedReceipt(outcome.saved);
	return receipt;
}

export function savedReceipt({
	cost_usd,
	input_tokens,
	output_tokens,
	seconds,
	estimated,
}: Saved): IDataObject {
	const counted = input_tokens !== null || output_tokens !== null;
	return {
		usd: cost_usd,
		tokens: counted ? (input_tokens ?? 0) + (output_tokens ?? 0) : null,
		milliseconds: seconds === null ? null : Math.round(seconds * 1000),
		estimated,
	};
}

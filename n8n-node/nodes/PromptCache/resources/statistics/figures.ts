import type { IDataObject } from 'n8n-workflow';

import { money, type Currency } from '../../../../shared/money';

/** What `GET /v1/stats` tells, as far as it is put into words; all money is in dollars. */
export interface Totals extends IDataObject {
	lookups: number;
	hits: number;
	hit_rate: number | null;
	stored: number;
	refused: number;
	saved: {
		cost_usd: number;
		input_tokens: number;
		output_tokens: number;
		seconds: number;
		/** Hits that are not in the sum, since nobody knows the price of their model. */
		unpriced_hits: number;
	};
	spent: {
		cost_usd: number;
		calls: number;
		unpriced_calls: number;
		/** Of the verifier and of embedders. */
		unpriced_other_calls: number;
	};
}

export interface Group extends Totals {
	group: string;
	/** What each grouping stands for here, in the order in which they were asked for. */
	by: Record<string, string>;
}

export interface Statistics extends Totals {
	since: string | null;
	until: string | null;
	currency: Currency;
	groups?: Group[];
}

/** The same with money in words, for reports: a sum that leaves something out says so. */
export function inWords<T extends Totals>(totals: T, currency: Currency): T {
	const { saved, spent } = totals;
	return {
		...totals,
		saved: { ...saved, money: savedMoney(totals, currency) },
		spent: { ...spent, money: spentMoney(totals, currency) },
	};
}

export function savedMoney({ saved }: Totals, currency: Currency): string {
	return complete(saved.cost_usd, saved.unpriced_hits, 'hit', currency);
}

export function spentMoney({ spent }: Totals, currency: Currency): string {
	const unpriced = spent.unpriced_calls + spent.unpriced_other_calls;
	return complete(spent.cost_usd, unpriced, 'call', currency);
}

/** For a cell of a table. */
export function savedBriefly({ saved }: Totals, currency: Currency): string {
	return briefly(saved.cost_usd, saved.unpriced_hits, currency);
}

/** For a cell of a table. */
export function spentBriefly({ spent }: Totals, currency: Currency): string {
	return briefly(spent.cost_usd, spent.unpriced_calls + spent.unpriced_other_calls, currency);
}

function briefly(usd: number, unpriced: number, currency: Currency): string {
	if (!unpriced) return money(usd, currency);
	const rest = `${number(unpriced)} unpriced`;
	return usd > 0 ? `${money(usd, currency)} + ${rest}` : rest;
}

/** A price that is not known is not a price of zero. */
function complete(usd: number, unpriced: number, noun: string, currency: Currency): string {
	const known = money(usd, currency);
	if (!unpriced) return known;
	const unknown = `price unknown for ${counted(unpriced, noun)}`;
	return usd > 0 ? `${known}, and ${unknown}` : unknown;
}

export function number(count: number): string {
	return count.toLocaleString('en-US');
}

export function counted(count: number, noun: string): string {
	return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Rounded down: not all came from the cache where one did not. */
export function share({ hit_rate: rate }: Totals): string {
	return rate === null ? '-' : `${Math.floor(rate * 100 + 1e-9)}%`;
}

/** For a cell of a table. */
export function timeBriefly(seconds: number): string {
	if (seconds < 90) return `${Math.round(seconds)}\u00a0s`;
	if (seconds < 5400) return `${Math.round(seconds / 60)}\u00a0min`;
	return `${number(Math.round(seconds / 360) / 10)}\u00a0h`;
}

export function time(seconds: number): string {
	if (seconds < 90) return counted(Math.round(seconds), 'second');
	if (seconds < 5400) return `${Math.round(seconds / 60)} minutes`;
	return `${number(Math.round(seconds / 360) / 10)} hours`;
}

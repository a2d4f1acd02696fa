import type { IDataObject } from 'n8n-workflow';

import { money } from '../../../../shared/money';
import {
	counted,
	number,
	savedMoney,
	share,
	spentMoney,
	time,
	type Group,
	type Statistics,
	type Totals,
} from './figures';
import { inText } from './names';
import { tableOf, type Table } from './table';

/** Groups, and models without a price, that the text names: it is for chat, where a list is to be taken in at a glance. */
const LINES = 10;

/** From the lowest to the highest; what is most likely stands between. Dollars of a whole month. */
export interface Estimate extends IDataObject {
	low: number;
	expected: number;
	high: number;
}

/** What this month will cost; null before there are days enough to tell. */
export interface Forecast extends IDataObject {
	with_cache: Estimate | null;
	without_cache: Estimate | null;
}

export interface Report {
	/** One line, such as the subject of a mail. */
	subject: string;
	/** Lines that read well in any chat tool. */
	text: string;
	table: Table;
}

export interface Told {
	statistics: Statistics;
	/** In words, such as `last 7 days`. */
	period: string;
	/** By what the groups were made. */
	groupings: string[];
	/** Whether the groups have a time, and its order. */
	timed: boolean;
	forecast: Forecast;
	/** The models for which a price is to be given. */
	unpriced: string[];
}

export function reportOf({
	statistics,
	period,
	groupings,
	timed,
	forecast,
	unpriced,
}: Told): Report {
	const { currency, groups = [] } = statistics;
	// Of a time, what was last is looked for first.
	const shown = timed ? [...groups].reverse() : [...groups].sort(mostFirst);
	const subject = `Prompt Cache, ${period}: ${headline(statistics)}`;
	const lines = [
		`From the cache: ${number(statistics.hits)} of ${counted(statistics.lookups, 'question')} (${share(statistics)})`,
		`Saved: ${savedMoney(statistics, currency)}; ${counted(tokens(statistics), 'token')}; ${time(statistics.saved.seconds)}`,
		`Spent: ${spentMoney(statistics, currency)}; ${counted(statistics.spent.calls, 'call')}`,
		...forecastLines(forecast, statistics),
		...priceLines(unpriced),
	];
	const rows = shown.slice(0, LINES).map((group) => `• ${lineOf(group, groupings, statistics)}`);
	if (shown.length > LINES) rows.push(`• and ${number(shown.length - LINES)} more`);
	const text = [subject, ...lines, ...(rows.length > 0 ? ['', ...rows] : [])].join('\n');
	return { subject, text, table: tableOf(statistics, shown, groupings) };
}

function headline(statistics: Statistics): string {
	const { hits, saved, currency } = statistics;
	if (hits === 0) return 'nothing saved yet';
	return saved.cost_usd > 0
		? `${money(saved.cost_usd, currency)} saved`
		: `${counted(hits, 'call')} saved`;
}

/** One group in a line, for an item of its own or a list. */
export function lineOf(group: Group, groupings: string[], { currency }: Statistics): string {
	const name = groupings.map((grouping) => inText(group.by[grouping] ?? '')).join(', ');
	return `${name}: ${number(group.hits)} of ${number(group.lookups)} from the cache; saved: ${savedMoney(group, currency)}; spent: ${spentMoney(group, currency)}`;
}

function priceLines(unpriced: string[]): string[] {
	if (unpriced.length === 0) return [];
	const rest = unpriced.length - LINES;
	const named = unpriced.slice(0, LINES).map(inText).join(', ');
	const all = rest > 0 ? `${named} and ${number(rest)} more` : named;
	return [
		`Give a price to: ${all}. The sums are without ${unpriced.length === 1 ? 'it' : 'them'}.`,
	];
}

function forecastLines(
	{ with_cache, without_cache }: Forecast,
	{ currency }: Statistics,
): string[] {
	if (!with_cache || !without_cache) return [];
	const told = ({ low, expected, high }: Estimate) =>
		`${money(expected, currency)} (${money(low, currency)} to ${money(high, currency)})`;
	return [
		`This month will cost about ${told(with_cache)}; without the cache ${told(without_cache)}`,
	];
}

function tokens({ saved }: Totals): number {
	return saved.input_tokens + saved.output_tokens;
}

/** What saved most first; of what saved no money, what answered most. */
function mostFirst(one: Group, other: Group): number {
	return other.saved.cost_usd - one.saved.cost_usd || other.hits - one.hits;
}

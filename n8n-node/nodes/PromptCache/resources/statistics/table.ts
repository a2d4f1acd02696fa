import type { Currency } from '../../../../shared/money';
import {
	number,
	savedBriefly,
	share,
	spentBriefly,
	timeBriefly,
	type Group,
	type Statistics,
	type Totals,
} from './figures';
import { inHtml, inMarkdown } from './names';

/** Groups beyond so many are not shown: a mail is not an archive. */
export const ROWS = 100;

/** The same table twice: Markdown, which chat tools show well in a block of code, and HTML for mail. */
export interface Table {
	markdown: string;
	html: string;
}

interface Column {
	title: string;
	cell(totals: Totals, currency: Currency): string;
}

const FIGURES: Column[] = [
	{ title: 'Questions', cell: ({ lookups }) => number(lookups) },
	{ title: 'Hits', cell: ({ hits }) => number(hits) },
	{ title: 'Hit rate', cell: share },
	{ title: 'Saved', cell: savedBriefly },
	{ title: 'Spent', cell: spentBriefly },
	{ title: 'Time saved', cell: ({ saved }) => timeBriefly(saved.seconds) },
];

/** A row's names come first; they alone are not ours. */
interface Row {
	names: string[];
	figures: string[];
}

/** A row for each group and one for all of them; without groups, a row for each figure. */
export function tableOf(statistics: Statistics, groups: Group[], groupings: string[]): Table {
	const { currency } = statistics;
	const figures = (totals: Totals) => FIGURES.map(({ cell }) => cell(totals, currency));
	if (groupings.length === 0) {
		const values = figures(statistics);
		const rows = FIGURES.map(({ title }, at) => ({ names: [title], figures: [values[at]!] }));
		return { markdown: markdown([''], [''], rows), html: html([], [], rows) };
	}
	const rows: Row[] = groups.slice(0, ROWS).map((group) => ({
		names: groupings.map((grouping) => group.by[grouping] ?? ''),
		figures: figures(group),
	}));
	const rest = groups.length - rows.length;
	const all = rest > 0 ? `All, with ${number(rest)} more` : 'All';
	rows.push({ names: [all, ...groupings.slice(1).map(() => 'all')], figures: figures(statistics) });
	const titles = groupings.map(titled);
	const columns = FIGURES.map(({ title }) => title);
	return { markdown: markdown(titles, columns, rows), html: html(titles, columns, rows) };
}

function titled(grouping: string): string {
	return grouping.charAt(0).toUpperCase() + grouping.slice(1);
}

/** In columns of one width, since most chat tools show it as it is written. */
function markdown(titles: string[], columns: string[], rows: Row[]): string {
	const lines = [
		[...titles, ...columns],
		...rows.map(({ names, figures }) => [...names.map(inMarkdown), ...figures]),
	];
	const widths = lines[0]!.map((_, at) => Math.max(3, ...lines.map((line) => width(line[at]!))));
	const [head, ...body] = lines.map((line) =>
		line.map((cell, at) => {
			const space = ' '.repeat(widths[at]! - width(cell));
			return at < titles.length ? cell + space : space + cell;
		}),
	);
	const rule = widths.map((wide, at) =>
		at < titles.length ? '-'.repeat(wide) : `${'-'.repeat(wide - 1)}:`,
	);
	return [head!, rule, ...body].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function width(cell: string): number {
	return [...cell].length;
}

const SPACE = 'padding:8px 0 8px 16px;';
const FIRST = 'padding:8px 0;';
const LINE = 'border-top:1px solid #9fb0ad;';

/** Mail programs read the style of each cell alone; colours are those of what it stands in. */
function html(titles: string[], columns: string[], rows: Row[]): string {
	const cells = (tag: string, texts: string[], from: number, style = LINE) =>
		texts
			.map((text, at) => {
				const right = from + at >= Math.max(titles.length, 1);
				const space = from + at === 0 ? FIRST : SPACE;
				return `<${tag} align="${right ? 'right' : 'left'}" style="${space}${style}${tag === 'th' ? 'font-weight:600;' : ''}">${text}</${tag}>`;
			})
			.join('');
	const head =
		columns.length > 0
			? `<tr>${cells('th', [...titles, ...columns], 0, 'vertical-align:bottom;')}</tr>\n`
			: '';
	const body = rows
		.map(({ names, figures }) => {
			const first = cells('th', names.slice(0, 1).map(inHtml), 0);
			const others = cells('td', names.slice(1).map(inHtml), 1);
			return `<tr>${first}${others}${cells('td', figures, names.length)}</tr>`;
		})
		.join('\n');
	return `<table width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;font-size:14px;line-height:20px;">\n${head}${body}\n</table>`;
}

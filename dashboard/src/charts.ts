// A figure with a table of numbers by time becomes a chart, and the table its text alternative.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

type Kind = 'beside' | 'stacked';

interface Series {
	name: string;
	colour: () => string;
	values: number[];
	texts: string[];
}

interface Numbers {
	kind: Kind;
	step: number;
	times: number[];
	series: Series[];
}

const DAY = 86400;
/** Behind the point, of what is shown beside an axis. */
const DIGITS = [0, 1, 2, 3, 4, 5, 6];
/** Pixels that one takes beside an axis, at most. */
const LETTER = 7.5;
/** Steps between whole numbers. */
const COUNTS = [...Array(10).keys()].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));

export function drawCharts(): void {
	for (const figure of document.querySelectorAll<HTMLElement>('figure[data-chart]')) {
		const place = figure.querySelector<HTMLElement>('.chart');
		const numbers = read(figure);
		if (!place || numbers.times.length < 2) continue;
		place.hidden = false;
		figure.querySelector('details')?.removeAttribute('open');
		keepDrawn(figure, place, numbers);
	}
}

function read(figure: HTMLElement): Numbers {
	const rows = [...figure.querySelectorAll<HTMLTableRowElement>('tbody tr')];
	const names = [...figure.querySelectorAll<HTMLElement>('thead [data-series]')];
	const cells = rows.map((row) => [...row.querySelectorAll<HTMLElement>('td[data-value]')]);
	return {
		kind: figure.dataset.chart === 'stacked' ? 'stacked' : 'beside',
		step: Number(figure.dataset.step),
		times: rows.map((row) => Number(row.querySelector<HTMLElement>('[data-time]')?.dataset.time)),
		series: names.map((name, at) => ({
			name: name.dataset.series ?? '',
			colour: colourOf(figure, name.dataset.series ?? ''),
			values: cells.map((row) => Number(row[at]?.dataset.value)),
			texts: cells.map((row) => row[at]?.textContent?.trim() ?? ''),
		})),
	};
}

/** As the style sheet has it now: light or dark. */
function colourOf(figure: HTMLElement, series: string): () => string {
	const key = figure.querySelector(`.key.${series}`);
	return () => (key ? getComputedStyle(key).backgroundColor : 'gray');
}

function keepDrawn(figure: HTMLElement, place: HTMLElement, numbers: Numbers): void {
	let chart: uPlot | undefined;
	const draw = () => {
		chart?.destroy();
		chart = new uPlot(options(figure, place, numbers), data(numbers), place);
	};
	draw();
	new ResizeObserver(() => chart?.setSize(sizeOf(place))).observe(place);
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}

function sizeOf(place: HTMLElement): { width: number; height: number } {
	return { width: place.clientWidth, height: place.clientHeight };
}

/** What is stacked is drawn as sums, the highest first. */
function data(numbers: Numbers): uPlot.AlignedData {
	const values = numbers.series.map((series) => series.values);
	const drawn =
		numbers.kind === 'beside'
			? values
			: values.map((_, at) =>
					numbers.times.map((_time, when) => sum(values.slice(0, at + 1).map((v) => v[when] ?? 0))),
				);
	return [numbers.times, ...(numbers.kind === 'stacked' ? drawn.reverse() : drawn)];
}

function sum(values: number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

function options(figure: HTMLElement, place: HTMLElement, numbers: Numbers): uPlot.Options {
	const style = getComputedStyle(place);
	const line = style.getPropertyValue('border-top-color');
	const text = { stroke: style.color, font: `12px ${style.fontFamily}` };
	const shown = numbers.kind === 'stacked' ? [...numbers.series].reverse() : numbers.series;
	return {
		...sizeOf(place),
		padding: [8, 8, 0, 0],
		tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
		legend: { show: false },
		cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
		scales: {
			x: { range: (_, low, high) => [low - numbers.step * 0.6, high + numbers.step * 0.6] },
			y: { range: (_, _low, high) => [0, high > 0 ? high * 1.08 : 1] },
		},
		axes: [
			{
				...text,
				grid: { show: false },
				ticks: { show: false },
				size: 28,
				space: 56,
				incrs:
					numbers.step < DAY ? [3600, 7200, 10800, 21600, 43200] : [DAY, 2 * DAY, 5 * DAY, 7 * DAY, 14 * DAY],
				values: (_, times) => times.map(timeFormat(figure, numbers.step)),
			},
			{
				...text,
				grid: { stroke: line, width: 1 },
				ticks: { show: false },
				size: (_, values) => Math.max(58, ...(values ?? []).map((value) => value.length * LETTER + 10)),
				space: 40,
				...(figure.dataset.currency ? {} : { incrs: COUNTS }),
				values: (_, values) => values.map(valueFormat(figure, values)),
			},
		],
		series: [
			{},
			...shown.map((series, at) => ({
				label: series.name,
				fill: series.colour,
				width: 0,
				points: { show: false },
				paths: bars(numbers.kind, at),
			})),
		],
		hooks: { setCursor: [(chart) => tell(figure, numbers, chart.cursor.idx)] },
	};
}

function bars(kind: Kind, at: number): uPlot.Series.PathBuilder | undefined {
	const size: [number, number] = kind === 'stacked' ? [0.66, 36] : [0.38, 20];
	const align = kind === 'stacked' ? 0 : at === 0 ? -1 : 1;
	return uPlot.paths.bars?.({ size, align, radius: 0.12, gap: kind === 'stacked' ? 0 : 1 });
}

/** The numbers under the pointer, in the words of the table. */
function tell(figure: HTMLElement, numbers: Numbers, at: number | null | undefined): void {
	const row = at == null ? undefined : figure.querySelectorAll('tbody tr')[at];
	const when = figure.querySelector<HTMLElement>('.legend .when');
	if (when) when.textContent = row?.querySelector('th')?.textContent?.trim() ?? '';
	for (const series of numbers.series) {
		const told = figure.querySelector(`.legend [data-told="${series.name}"]`);
		if (told) told.textContent = at == null ? '' : (series.texts[at] ?? '');
	}
}

function timeFormat(figure: HTMLElement, step: number): (time: number) => string {
	const shape: Intl.DateTimeFormatOptions =
		step < DAY ? { hour: 'numeric', minute: '2-digit' } : { day: 'numeric', month: 'short' };
	const format = new Intl.DateTimeFormat(figure.dataset.locale, { ...shape, timeZone: 'UTC' });
	return (time) => format.format(time * 1000);
}

function valueFormat(figure: HTMLElement, values: number[]): (value: number) => string {
	const currency = figure.dataset.currency;
	const step = (values[1] ?? 1) - (values[0] ?? 0);
	const exact = DIGITS.find((digits) => isWhole(step * 10 ** digits)) ?? 6;
	const digits = exact && currency ? Math.max(2, exact) : exact;
	const format = new Intl.NumberFormat(figure.dataset.locale, {
		...(currency ? { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } : {}),
		notation: digits === 0 ? 'compact' : 'standard',
		minimumFractionDigits: digits,
		maximumFractionDigits: digits === 0 ? 2 : digits,
	});
	return (value) => format.format(value);
}

/** But for what a sum of fractions is off by. */
function isWhole(value: number): boolean {
	return Math.abs(value - Math.round(value)) < 1e-6;
}

import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { nameIn } from '../../../../shared/lists';
import { listFrom } from '../../../../shared/parameters';
import { callCache } from '../../../../shared/transport';
import { eachItem, PATIENT_TIMEOUT, type OperationOption } from '../../operation';
import { DIMENSIONS, seenProperties } from '../../seen';
import { linkToDashboard } from './dashboard';
import { inWords, type Group, type Statistics, type Totals } from './figures';
import { lineOf, reportOf, type Forecast } from './report';

const BOUNDS = ['since', 'until'] as const;

type Bound = (typeof BOUNDS)[number];

const HOURS: Record<string, number> = { day: 24, week: 7 * 24, month: 30 * 24 };

const IN_WORDS: Record<string, string> = {
	all: 'all time',
	day: 'last 24 hours',
	week: 'last 7 days',
	month: 'last 30 days',
};

/** Groupings that are a time. */
const TIMES = ['hour', 'day'];

export const option: OperationOption = {
	name: 'Get',
	value: 'get',
	action: 'Get statistics and savings',
	description: 'Hits, misses, and the money, tokens and time saved, also as a text and a table',
};

export const subtitle = 'Statistics';

export const description: INodeProperties[] = [
	{
		displayName: 'Period',
		name: 'period',
		type: 'options',
		options: [
			{ name: 'All Time', value: 'all' },
			{ name: 'Custom', value: 'custom' },
			{ name: 'Last 24 Hours', value: 'day' },
			{ name: 'Last 30 Days', value: 'month' },
			{ name: 'Last 7 Days', value: 'week' },
		],
		default: 'week',
		description: 'Which time to report on',
	},
	boundProperty('From', 'since', 'Start of the period; from the beginning if left empty'),
	boundProperty('To', 'until', 'End of the period; up to now if left empty'),
	{
		displayName: 'Group By',
		name: 'groupBy',
		type: 'multiOptions',
		options: [
			{ name: 'Match', value: 'match', description: 'The very same question, or similar meaning' },
			{ name: 'Model', value: 'model' },
			{ name: 'Namespace', value: 'namespace' },
			{ name: 'Node', value: 'node' },
			{ name: 'Reason', value: 'reason', description: 'Why questions were not in the cache' },
			{ name: 'Workflow', value: 'workflow' },
		],
		default: [],
		description: 'By what to add up: one or several of these. Nothing chosen is one total.',
	},
	{
		displayName: 'Interval',
		name: 'interval',
		type: 'options',
		options: [
			{ name: 'Day', value: 'day' },
			{ name: 'Hour', value: 'hour' },
			{ name: 'Whole Period', value: 'none' },
		],
		default: 'none',
		description: 'Whether to add up each day or hour by itself',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		options: [
			{
				name: 'An Item for Each Group',
				value: 'groups',
				description: 'To go on with the numbers. Without groups, one item with a report.',
			},
			{
				name: 'One Item With a Report',
				value: 'report',
				description: 'Totals and groups, ready to send: subject, text and table',
			},
		],
		default: 'groups',
		description: 'What comes out',
	},
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		options: seenProperties,
	},
];

export const execute = eachItem(async (context, itemIndex) => {
	const interval = context.getNodeParameter('interval', itemIndex) as string;
	const chosen = listFrom(context.getNodeParameter('groupBy', itemIndex));
	const filters = filtersOf(context, itemIndex);
	const of = { ...periodOf(context, itemIndex), ...filters };
	const qs = { ...of };
	if (chosen.length > 0) qs.group_by = chosen.join(',');
	if (interval !== 'none') qs.interval = interval;
	const statistics = await ask<Statistics>(context, '/v1/stats', qs);
	if (itemIndex === 0) {
		const period = context.getNodeParameter('period', itemIndex) as string;
		await linkToDashboard(context, period, filters);
	}
	statistics.groups = statistics.groups?.filter((group) => !isIdle(group));
	const { currency, groups = [], ...totals } = statistics;
	const groupings = [...new Set(interval === 'none' ? chosen : [interval, ...chosen])];
	const told = groups.map(({ group, by, ...sums }) => ({
		group,
		by,
		text: lineOf({ group, by, ...sums } as Group, groupings, statistics),
		...inWords(sums as Totals, currency),
	}));
	const grouped = groupings.length > 0;
	if (grouped && context.getNodeParameter('output', itemIndex) === 'groups') return told;
	const forecast = await ask<Forecast>(context, '/v1/forecast', filters);
	const report = reportOf({
		statistics,
		groupings,
		forecast,
		period: periodInWords(context, itemIndex, statistics),
		timed: groupings.some((grouping) => TIMES.includes(grouping)),
		unpriced: await unpricedModels(context, statistics, of),
	});
	return {
		...report,
		...inWords(totals as Statistics, currency),
		currency,
		forecast,
		...(grouped && { groups: told }),
	};
});

/** Whether nothing was asked, stored or paid: what somebody rejects, say, is counted under no workflow. */
function isIdle({ lookups, stored, refused, spent }: Totals): boolean {
	return !(lookups || stored || refused || spent.calls || spent.cost_usd);
}

async function ask<T>(context: IExecuteFunctions, path: string, qs: IDataObject): Promise<T> {
	return await callCache<T>(context, { method: 'GET', path, qs, timeout: PATIENT_TIMEOUT });
}

/** The models without a price, where something was saved or spent that is in no sum. */
async function unpricedModels(
	context: IExecuteFunctions,
	{ saved, spent }: Statistics,
	of: IDataObject,
): Promise<string[]> {
	if (!saved.unpriced_hits && !spent.unpriced_calls) return [];
	const { groups = [] } = await ask<Statistics>(context, '/v1/stats', { ...of, group_by: 'model' });
	return groups
		.filter((model) => model.saved.unpriced_hits || model.spent.unpriced_calls)
		.map(({ group }) => group);
}

function boundProperty(displayName: string, name: Bound, description: string): INodeProperties {
	return {
		displayName,
		name,
		type: 'dateTime',
		default: '',
		description,
		displayOptions: { show: { period: ['custom'] } },
	};
}

function filtersOf(context: IExecuteFunctions, itemIndex: number): IDataObject {
	const chosen = DIMENSIONS.map((name) => [name, nameIn(context, `filters.${name}`, itemIndex)]);
	return Object.fromEntries(chosen.filter(([, value]) => value)) as IDataObject;
}

function periodOf(context: IExecuteFunctions, itemIndex: number): IDataObject {
	const period = context.getNodeParameter('period', itemIndex) as string;
	if (period === 'custom') {
		const bounds: IDataObject = {};
		for (const name of BOUNDS) {
			const value = context.getNodeParameter(name, itemIndex, '') as string;
			if (!value) continue;
			const moment = new Date(value);
			// What is no time may be a duration, or is refused with the name of the field.
			bounds[name] = Number.isNaN(moment.getTime()) ? String(value) : moment.toISOString();
		}
		return bounds;
	}
	const hours = HOURS[period];
	return hours ? { since: new Date(Date.now() - hours * 3_600_000).toISOString() } : {};
}

/** As it was chosen; of a custom one, the days on which it begins and ends where the workflow is. */
function periodInWords(
	context: IExecuteFunctions,
	itemIndex: number,
	{ since, until }: Statistics,
): string {
	const period = context.getNodeParameter('period', itemIndex) as string;
	const known = IN_WORDS[period];
	if (known) return known;
	const day = (moment: string) =>
		new Date(moment).toLocaleDateString('en-GB', {
			day: 'numeric',
			month: 'long',
			year: 'numeric',
			timeZone: context.getTimezone(),
		});
	if (since && until) return `${day(since)} to ${day(until)}`;
	if (since) return `since ${day(since)}`;
	return until ? `until ${day(until)}` : IN_WORDS.all!;
}

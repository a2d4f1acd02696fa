import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { nameIn } from '../../../../shared/lists';
import { namespaceProperty } from '../../../../shared/namespace';
import { callCache } from '../../../../shared/transport';
import { eachItem, PATIENT_TIMEOUT, type OperationOption } from '../../operation';

const BOUNDS = ['since', 'until'] as const;

type Bound = (typeof BOUNDS)[number];

const HOURS: Record<string, number> = { day: 24, week: 7 * 24, month: 30 * 24 };

export const option: OperationOption = {
	name: 'Get',
	value: 'get',
	action: 'Get statistics and savings',
	description: 'Hits, misses, and the money, tokens and time saved',
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
		type: 'options',
		options: [
			{ name: 'Day', value: 'day' },
			{ name: 'Model', value: 'model' },
			{ name: 'Namespace', value: 'namespace' },
			{ name: 'Node', value: 'node' },
			{ name: 'Nothing (One Total)', value: 'none' },
			{ name: 'Workflow', value: 'workflow' },
		],
		default: 'none',
		description: 'Return one item with the totals, or one item for each group',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [{ ...namespaceProperty, description: 'Count this namespace alone' }],
	},
];

interface Saved extends IDataObject {
	cost_usd: number;
	/** Hits that are not in the sum, since nobody knows the price of their model. */
	unpriced_hits: number;
}

interface Totals extends IDataObject {
	saved: Saved;
}

interface Statistics extends Totals {
	groups?: Totals[];
}

export const execute = eachItem(async (context, itemIndex) => {
	const groupBy = context.getNodeParameter('groupBy', itemIndex) as string;
	const namespace = nameIn(context, 'options.namespace', itemIndex);
	const qs: IDataObject = periodOf(context, itemIndex);
	if (namespace) qs.namespace = namespace;
	if (groupBy !== 'none') qs.group_by = groupBy;
	const { groups = [], ...totals } = await callCache<Statistics>(context, {
		method: 'GET',
		path: '/v1/stats',
		qs,
		timeout: PATIENT_TIMEOUT,
	});
	return groupBy === 'none' ? withMoney(totals) : groups.map(withMoney);
});

/** The same with the saved money in words, for reports: a sum that leaves something out says so. */
function withMoney<T extends Totals>(totals: T): T {
	return { ...totals, saved: { ...totals.saved, money: moneyOf(totals.saved) } };
}

function moneyOf({ cost_usd: sum, unpriced_hits: unpriced }: Saved): string {
	const known = `$${sum.toFixed(sum < 1 ? 4 : 2)}`;
	if (!unpriced) return known;
	const unknown = `price unknown for ${unpriced} ${unpriced === 1 ? 'hit' : 'hits'}`;
	return sum > 0 ? `${known}, and ${unknown}` : unknown;
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

function periodOf(context: IExecuteFunctions, itemIndex: number): IDataObject {
	const period = context.getNodeParameter('period', itemIndex) as string;
	if (period === 'custom') {
		const bounds: IDataObject = {};
		for (const name of BOUNDS) {
			const value = context.getNodeParameter(name, itemIndex, '') as string;
			if (value) bounds[name] = new Date(value).toISOString();
		}
		return bounds;
	}
	const hours = HOURS[period];
	return hours ? { since: new Date(Date.now() - hours * 3_600_000).toISOString() } : {};
}

import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { callCache } from '../../../../shared/transport';
import { eachItem, PATIENT_TIMEOUT, type OperationOption } from '../../operation';

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
	{
		displayName: 'From',
		name: 'since',
		type: 'dateTime',
		default: '',
		description: 'Start of the period; from the beginning if left empty',
		displayOptions: { show: { period: ['custom'] } },
	},
	{
		displayName: 'To',
		name: 'until',
		type: 'dateTime',
		default: '',
		description: 'End of the period; up to now if left empty',
		displayOptions: { show: { period: ['custom'] } },
	},
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
		options: [
			{
				displayName: 'Namespace',
				name: 'namespace',
				type: 'string',
				default: '',
				placeholder: 'e.g. support-bot',
				description: 'Count this namespace alone',
			},
		],
	},
];

interface Statistics extends IDataObject {
	groups?: IDataObject[];
}

export const execute = eachItem(async (context, itemIndex) => {
	const groupBy = context.getNodeParameter('groupBy', itemIndex) as string;
	const { namespace } = context.getNodeParameter('options', itemIndex, {}) as {
		namespace?: string;
	};
	const qs: IDataObject = periodOf(context, itemIndex);
	if (namespace) qs.namespace = namespace;
	if (groupBy !== 'none') qs.group_by = groupBy;
	const { groups = [], ...totals } = await callCache<Statistics>(context, {
		method: 'GET',
		path: '/v1/stats',
		qs,
		timeout: PATIENT_TIMEOUT,
	});
	return groupBy === 'none' ? totals : groups;
});

function periodOf(context: IExecuteFunctions, itemIndex: number): IDataObject {
	const period = context.getNodeParameter('period', itemIndex) as string;
	if (period === 'custom') {
		const bounds = (['since', 'until'] as const).map((name) => [
			name,
			context.getNodeParameter(name, itemIndex, '') as string,
		]);
		return Object.fromEntries(
			bounds
				.filter(([, value]) => value)
				.map(([name, value]) => [name, new Date(value!).toISOString()]),
		);
	}
	const hours = HOURS[period];
	return hours ? { since: new Date(Date.now() - hours * 3_600_000).toISOString() } : {};
}

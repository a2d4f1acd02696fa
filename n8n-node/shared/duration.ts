import type { INodeProperties, INodePropertyCollection } from 'n8n-workflow';

import type { Duration } from './api';
import type { CacheContext } from './transport';

/** Units as the cache server takes them after a number. */
const unitProperty: INodeProperties = {
	displayName: 'Unit',
	name: 'unit',
	type: 'options',
	options: [
		{ name: 'Days', value: 'd' },
		{ name: 'Hours', value: 'h' },
		{ name: 'Minutes', value: 'm' },
		{ name: 'Seconds', value: 's' },
	],
	default: 'd',
};

interface Time {
	amount: number;
	unit: string;
}

/** An amount and a unit of time, to be read with `durationFrom`. */
export function durationProperty(
	property: Pick<INodeProperties, 'displayName' | 'name' | 'description'>,
	amount: number,
	unit: string,
): INodeProperties {
	const time: INodePropertyCollection = {
		name: 'time',
		displayName: 'Time',
		values: [
			{
				displayName: 'Amount',
				name: 'amount',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: amount,
			},
			{ ...unitProperty, default: unit },
		],
	};
	return {
		...property,
		type: 'fixedCollection',
		placeholder: 'Set Time',
		default: { time: { amount, unit } },
		options: [time],
	};
}

/** The duration as the cache server takes it, undefined where none was set. */
export function durationFrom(collection: unknown): string | undefined {
	const { time } = (collection ?? {}) as { time?: Time };
	return time && `${time.amount}${time.unit}`;
}

/** The oldest answer that is used, to be read with `durationFrom`. */
export const maxAgeProperty = durationProperty(
	{
		displayName: 'Maximum Age',
		name: 'maxAge',
		description: 'Older answers are not used, however long they were meant to be kept',
	},
	1,
	'h',
);

/** How long an answer lives, to be read with `lifeOf`. */
export const lifeProperties: INodeProperties[] = [
	{
		displayName: 'Keep For',
		name: 'keep',
		type: 'options',
		options: [
			{
				name: "24 Hours (the Cache's Default)",
				value: 'server',
				description: 'Or what the configuration of the cache server says instead',
			},
			{
				name: 'Another Time',
				value: 'limited',
				description: 'After this time the AI model is asked again',
			},
			{
				name: 'For Ever',
				value: 'forever',
				description: 'Until it is invalidated or flushed, if the cache server allows that',
			},
		],
		default: 'server',
		description: 'How long the answer may be given again',
	},
	{
		displayName: 'Time',
		name: 'ttlAmount',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 7,
		description: 'How many of the chosen unit of time',
		displayOptions: { show: { keep: ['limited'] } },
	},
	{ ...unitProperty, name: 'ttlUnit', displayOptions: { show: { keep: ['limited'] } } },
];

/** The life the user chose; null for ever, undefined for the server's rule. */
export function lifeOf(context: CacheContext, itemIndex: number): Duration | null | undefined {
	switch (context.getNodeParameter('keep', itemIndex, 'server')) {
		case 'limited':
			return `${context.getNodeParameter('ttlAmount', itemIndex)}${context.getNodeParameter('ttlUnit', itemIndex)}`;
		case 'forever':
			return null;
		default:
			return undefined;
	}
}

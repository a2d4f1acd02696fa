import type { INodeProperties, INodePropertyCollection } from 'n8n-workflow';

import { DEFAULT_NAMESPACE, type Duration } from './api';
import type { CacheContext } from './transport';

export const namespaceProperty: INodeProperties = {
	displayName: 'Namespace',
	name: 'namespace',
	type: 'string',
	default: DEFAULT_NAMESPACE,
	placeholder: 'e.g. support-bot',
	description:
		'A separate compartment of the cache. Answers of different namespaces never mix; use one per application or customer.',
};

export const unreachableProperty: INodeProperties = {
	displayName: 'If the Cache Is Unreachable',
	name: 'unreachable',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Carry On Without It',
			value: 'continue',
			description: 'Ask the AI model as if there were no cache, and keep nothing',
		},
		{ name: 'Stop', value: 'stop', description: 'End this node, and with it the execution' },
	],
	default: 'continue',
	description: 'What to do when the sidecar is down or too slow',
};

export const timeoutProperty: INodeProperties = {
	displayName: 'Timeout',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 0.1, numberPrecision: 1 },
	default: 3,
	description: 'How many seconds to wait for the cache before it counts as unreachable',
};

export const receiptProperty: INodeProperties = {
	displayName: 'Add Receipt',
	name: 'receipt',
	type: 'boolean',
	default: true,
	description:
		'Whether to add a field "_cache" that tells what was found or stored, and the money, tokens and milliseconds it saved',
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
			{
				displayName: 'Unit',
				name: 'unit',
				type: 'options',
				options: [
					{ name: 'Days', value: 'd' },
					{ name: 'Hours', value: 'h' },
					{ name: 'Minutes', value: 'm' },
					{ name: 'Seconds', value: 's' },
				],
				default: unit,
			},
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

/** The duration as the sidecar takes it, undefined where none was set. */
export function durationFrom(collection: unknown): string | undefined {
	const { time } = (collection ?? {}) as { time?: Time };
	return time && `${time.amount}${time.unit}`;
}

/** How long an answer is kept, to be read with `lifeOf`. */
export const lifeProperties: INodeProperties[] = [
	{
		displayName: 'Keep For',
		name: 'keep',
		type: 'options',
		options: [
			{
				name: 'A Limited Time',
				value: 'limited',
				description: 'After this time the AI model is asked again',
			},
			{
				name: 'As Set in the Sidecar',
				value: 'server',
				description: '24 hours, unless its configuration says otherwise',
			},
			{ name: 'Ever', value: 'forever', description: 'If the sidecar allows that' },
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
	{
		displayName: 'Unit',
		name: 'ttlUnit',
		type: 'options',
		options: [
			{ name: 'Days', value: 'd' },
			{ name: 'Hours', value: 'h' },
			{ name: 'Minutes', value: 'm' },
			{ name: 'Seconds', value: 's' },
		],
		default: 'd',
		displayOptions: { show: { keep: ['limited'] } },
	},
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

/** Comma-separated names, or a list that an expression gave. */
export function listFrom(value: unknown): string[] {
	const parts = Array.isArray(value) ? value.map(String) : String(value ?? '').split(',');
	return parts.map((part) => part.trim()).filter(Boolean);
}

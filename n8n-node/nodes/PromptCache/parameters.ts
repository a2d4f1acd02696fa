import type { INodeProperties, INodePropertyCollection } from 'n8n-workflow';

import { DEFAULT_NAMESPACE } from '../../shared/api';

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

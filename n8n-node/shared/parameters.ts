import type { INodeProperties } from 'n8n-workflow';

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
	description: 'What to do when the cache server is down or too slow',
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

/** Names in one text, to be read with `listFrom`. */
export const tagsProperty: INodeProperties = {
	displayName: 'Tags',
	name: 'tags',
	type: 'string',
	default: '',
	placeholder: 'e.g. pricing, manual',
	description: 'Labels, separated by commas, by which answers can be invalidated later',
};

/** Names in one text, to be read with `listFrom`. */
export const dependsOnProperty: INodeProperties = {
	displayName: 'Outdated When ... Changes',
	name: 'dependsOn',
	type: 'string',
	default: '',
	placeholder: 'e.g. knowledge-base',
	description:
		'What the answer was made from: names, separated by commas. When one of them is marked as changed (Namespace: Mark as Changed), the answer counts as outdated and the AI is asked again.',
};

/** The model, where it narrows down which answers are meant. */
export const modelFilterProperty: INodeProperties = {
	displayName: 'Model',
	name: 'model',
	type: 'string',
	default: '',
	placeholder: 'e.g. gpt-5-mini',
	description: 'The AI model that was asked, or that answered',
};

/** Options under a heading of their own, in the order in which people need them. */
export function group(
	displayName: string,
	name: string,
	options: INodeProperties[],
): INodeProperties {
	return { displayName, name, type: 'collection', placeholder: 'Add Option', default: {}, options };
}

/** Comma-separated names, or a list that an expression gave. */
export function listFrom(value: unknown): string[] {
	const parts = Array.isArray(value) ? value.map(String) : String(value ?? '').split(',');
	return parts.map((part) => part.trim()).filter(Boolean);
}

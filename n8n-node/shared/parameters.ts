import type { INodeProperties } from 'n8n-workflow';

import { DEFAULT_NAMESPACE } from './api';

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
	displayName: 'Depends On',
	name: 'dependsOn',
	type: 'string',
	default: '',
	placeholder: 'e.g. knowledge-base',
	description:
		'Names, separated by commas. When the version of one of them is bumped (Namespace: Bump Version), the answer counts as outdated.',
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

/** Comma-separated names, or a list that an expression gave. */
export function listFrom(value: unknown): string[] {
	const parts = Array.isArray(value) ? value.map(String) : String(value ?? '').split(',');
	return parts.map((part) => part.trim()).filter(Boolean);
}

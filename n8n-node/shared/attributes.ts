import type { INodeProperties } from 'n8n-workflow';

/** Where the fingerprint of the AI nodes travels: it must match exactly, like any attribute. */
export const AI_NODES_ATTRIBUTE = 'n8n.aiNodes';

interface Pair {
	name: string;
	value: string;
}

/** The attributes table; the same wherever attributes narrow something down. */
export const attributesProperty: INodeProperties = {
	displayName: 'Attributes',
	name: 'attributes',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Attribute',
	default: {},
	description:
		'Anything else that must be the same, such as the customer, the language or the version of a document',
	options: [
		{
			name: 'pairs',
			displayName: 'Attribute',
			values: [
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. customer',
				},
				{
					displayName: 'Value',
					name: 'value',
					type: 'string',
					default: '',
					placeholder: 'e.g. {{ $json.customerId }}',
				},
			],
		},
	],
};

export function attributesFrom(collection: unknown): Record<string, string> {
	const { pairs = [] } = (collection ?? {}) as { pairs?: Pair[] };
	return Object.fromEntries(
		pairs.filter(({ name }) => name).map(({ name, value }) => [name, String(value ?? '')]),
	);
}

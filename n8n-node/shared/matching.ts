import type { ILoadOptionsFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Lookup } from './api';
import { namespacesOf } from './namespace';

const AS_THE_NAMESPACE = 'namespace';

const KINDS: INodePropertyOptions[] = [
	{
		name: 'As the Namespace Says',
		value: AS_THE_NAMESPACE,
		description: 'What the configuration of the cache server says',
	},
	{ name: 'Same Question', value: 'exact', description: 'The very same words' },
	{
		name: 'Similar Meaning',
		value: 'semantic',
		description:
			'Other words too, if nothing that matters differs: no number, name, date, negation or opposite',
	},
];

// A name of its own: n8n's lint takes whatever a method lists for things with IDs.
const AS_THE_SERVER_CAN = { loadOptionsMethod: 'getMatchKinds' };

/** Whose list is `getMatchKinds`. */
export const matchProperty: INodeProperties = {
	displayName: 'Match',
	name: 'match',
	type: 'options',
	typeOptions: AS_THE_SERVER_CAN,
	default: AS_THE_NAMESPACE,
	description: 'When an earlier question counts as the same',
};

export const thresholdProperty: INodeProperties = {
	displayName: 'Similarity Threshold',
	name: 'threshold',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
	default: 0.8,
	description:
		'How similar, from 0 (anything) to 1 (the same), a question has to be. It can only be stricter than that of the namespace; a lower one is refused.',
	displayOptions: { show: { match: ['semantic'] } },
};

export const explainProperty: INodeProperties = {
	displayName: 'Explain',
	name: 'explain',
	type: 'boolean',
	default: false,
	description:
		'Whether to say why a question was a miss: which earlier questions came near, and what differs. It stands in the receipt, and above the output in the editor. It takes the cache server time: for finding out, rather than for thousands of items.',
};

/** What the user chose of `matchProperty`, `thresholdProperty` and `explainProperty`. */
export interface Matching {
	match?: string;
	threshold?: number;
	explain?: boolean;
}

/** The same as a lookup has it; nothing of what is left to the namespace. */
export function matchingOf({ match, threshold, explain }: Matching): Partial<Lookup> {
	const chosen: Partial<Lookup> = {};
	// An expression may give anything: what is wrong the cache server says.
	if (match && match !== AS_THE_NAMESPACE) chosen.match = match as Lookup['match'];
	if (match === 'semantic' && threshold !== undefined) chosen.threshold = threshold;
	if (explain) chosen.explain = true;
	return chosen;
}

/** The kinds of matching that the cache server can do; all of them while it is away. */
export async function getMatchKinds(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const able = await namespacesOf(this).catch(() => undefined);
	return KINDS.filter(({ value }) => value !== 'semantic' || !able || able.match.includes(value));
}

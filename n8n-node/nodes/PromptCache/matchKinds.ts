import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';

import { namespacesOf } from '../../shared/namespace';

export const SAME_QUESTION = 'exact';

const KINDS: INodePropertyOptions[] = [
	{ name: 'Same Question', value: SAME_QUESTION, description: 'The very same words' },
	{
		name: 'Similar Meaning',
		value: 'semantic',
		description: 'Other words with the same meaning; may be wrong at times',
	},
];

/** The kinds of matching that the cache server can do; all of them while it is away. */
export async function getMatchKinds(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const able = await namespacesOf(this).catch(() => undefined);
	return KINDS.filter(({ value }) => !able || able.match.includes(value as string));
}

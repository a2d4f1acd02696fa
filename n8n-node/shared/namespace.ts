import type { ILoadOptionsFunctions, INodeListSearchResult, INodeProperties } from 'n8n-workflow';

import { DEFAULT_NAMESPACE } from './api';
import { chosenOrTyped, fitting, listOf, nameIn } from './lists';
import { callCache, type CacheContext } from './transport';

/** Whose list is `searchNamespaces`, and which is read with `namespaceOf`. */
export const namespaceProperty: INodeProperties = chosenOrTyped({
	displayName: 'Namespace',
	name: 'namespace',
	default: { mode: 'list', value: DEFAULT_NAMESPACE, cachedResultName: DEFAULT_NAMESPACE },
	placeholder: 'e.g. support-bot',
	description:
		'A separate compartment of the cache: answers of one namespace are never given in another. Use one per application or customer. A new name makes a new namespace.',
	searchListMethod: 'searchNamespaces',
});

export function namespaceOf(context: CacheContext, itemIndex: number): string {
	return nameIn(context, 'namespace', itemIndex) || DEFAULT_NAMESPACE;
}

export interface Namespaces {
	namespaces: Array<{ namespace: string; entries: number; bytes: number }>;
	/** The kinds of matching that the cache server can do. */
	match: string[];
}

/** Seconds: someone is looking at the panel. */
const TIMEOUT = 5;

export async function namespacesOf(context: ILoadOptionsFunctions): Promise<Namespaces> {
	return await callCache<Namespaces>(context, {
		method: 'GET',
		path: '/v1/namespaces',
		timeout: TIMEOUT,
	});
}

/** The namespaces that hold something, each with how much, and whatever is typed. */
export async function searchNamespaces(
	this: ILoadOptionsFunctions,
	typed?: string,
): Promise<INodeListSearchResult> {
	return await listOf(typed, async (text) => {
		const { namespaces } = await namespacesOf(this);
		const items = namespaces.map(({ namespace, entries }) => ({
			name: `${namespace}: ${entries} ${entries === 1 ? 'answer' : 'answers'}`,
			value: namespace,
		}));
		return fitting(items, text);
	});
}

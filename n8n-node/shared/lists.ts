import type {
	INodeListSearchItems,
	INodeListSearchResult,
	INodeProperties,
	NodeParameterValueType,
} from 'n8n-workflow';

import { CacheProblem, type CacheContext } from './transport';

type Described = Pick<INodeProperties, 'displayName' | 'name' | 'description' | 'placeholder'> & {
	default: NodeParameterValueType;
	searchListMethod: string;
	hint?: string;
};

/** A field with a list from the cache server, into which a name can be typed as well. */
export function chosenOrTyped({
	searchListMethod,
	placeholder,
	...described
}: Described): INodeProperties {
	return {
		...described,
		type: 'resourceLocator',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod, searchable: true },
			},
			{ displayName: 'By Name', name: 'name', type: 'string', placeholder },
		],
	};
}

/** What such a list shows for a typed text: what `find` brings, and the text itself, though the server may not know it. */
export async function listOf(
	typed: string | undefined,
	find: (typed: string) => Promise<INodeListSearchItems[]>,
): Promise<INodeListSearchResult> {
	const text = typed?.trim() ?? '';
	const found = await find(text).catch(away);
	const own =
		text && !found.some(({ value }) => value === text) ? [{ name: text, value: text }] : [];
	return { results: [...found, ...own] };
}

/** Whoever chooses the line of an outage chooses nothing; no other line has this value, or n8n would show but one. */
const NOTHING = ' ';

/** The outage in words; n8n would show no more than that the list could not be loaded. */
function away(cause: unknown): INodeListSearchItems[] {
	if (!(cause instanceof CacheProblem)) throw cause;
	// One line of the list is all that is seen of it.
	const what = cause.unreachable ? 'The cache server did not answer' : cause.message;
	return [{ name: `${what}: type a name`, value: NOTHING }];
}

/** The name in such a field, empty where none was chosen. */
export function nameIn(context: CacheContext, field: string, itemIndex: number): string {
	const value = context.getNodeParameter(field, itemIndex, '', { extractValue: true });
	return String(value ?? '').trim();
}

/** Those whose name or value holds the text. */
export function fitting(items: INodeListSearchItems[], text: string): INodeListSearchItems[] {
	const sought = text.toLowerCase();
	return items.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(sought));
}

import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
	INodeProperties,
} from 'n8n-workflow';

import { chosenOrTyped, fitting, listOf } from '../../shared/lists';
import { callCache } from '../../shared/transport';

/** Seconds: someone is looking at the panel. */
const TIMEOUT = 5;

const FIELDS = {
	namespace: { displayName: 'Namespace', placeholder: 'e.g. support-bot' },
	model: { displayName: 'Model', placeholder: 'e.g. gpt-5-mini' },
	workflow: { displayName: 'Workflow', placeholder: 'e.g. Support bot' },
	node: { displayName: 'Node', placeholder: 'e.g. Look Up' },
};

type Dimension = keyof typeof FIELDS;

export const DIMENSIONS = Object.keys(FIELDS) as Dimension[];

/** Fields that say of what to count alone, each with the list of what was seen. */
export const seenProperties: INodeProperties[] = DIMENSIONS.map((dimension) =>
	chosenOrTyped({
		...FIELDS[dimension],
		name: dimension,
		default: { mode: 'list', value: '' },
		description: `Count this ${dimension} alone`,
		searchListMethod: methodOf(dimension),
	}),
);

/** By the names under which n8n finds the lists. */
export const seenLists = Object.fromEntries(
	DIMENSIONS.map((dimension) => [methodOf(dimension), listOfSeen(dimension)]),
);

function methodOf(dimension: Dimension): string {
	return `searchSeen${FIELDS[dimension].displayName}s`;
}

/** What asked most first, and whatever is typed. */
function listOfSeen(dimension: Dimension) {
	return async function (
		this: ILoadOptionsFunctions,
		typed?: string,
	): Promise<INodeListSearchResult> {
		return await listOf(typed, async (text) => fitting(await seen(this, dimension), text));
	};
}

interface Seen {
	groups: Array<{ group: string; lookups: number }>;
}

async function seen(
	context: ILoadOptionsFunctions,
	dimension: Dimension,
): Promise<INodeListSearchItems[]> {
	const { groups } = await callCache<Seen>(context, {
		method: 'GET',
		path: '/v1/stats',
		qs: { group_by: dimension },
		timeout: TIMEOUT,
	});
	return groups
		.filter(({ group }) => group !== '')
		.sort((one, other) => other.lookups - one.lookups)
		.map(({ group, lookups }) => ({
			name: `${group}: ${lookups} ${lookups === 1 ? 'question' : 'questions'}`,
			value: group,
		}));
}

import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeListSearchResult,
	INodeProperties,
} from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { LangchainPromptCache } from '../../nodes/LangchainPromptCache/LangchainPromptCache.node';
import { PromptCache } from '../../nodes/PromptCache/PromptCache.node';
import { seenLists } from '../../nodes/PromptCache/seen';
import { PromptCacheModel } from '../../nodes/PromptCacheModel/PromptCacheModel.node';
import { sidecar } from '../fakes/freshSidecar';
import { fromQuestion, lookUpOf, questions } from '../fakes/lookUp';
import { problem } from '../fakes/sidecar';

const { listSearch, loadOptions } = new PromptCache().methods as {
	listSearch: Record<string, ListSearch> & Record<'searchModels' | 'searchNamespaces', ListSearch>;
	loadOptions: PromptCache['methods']['loadOptions'];
};

type ListSearch = (this: ILoadOptionsFunctions, typed?: string) => Promise<INodeListSearchResult>;

/** The panel of a Look Up, as far as a list asks for it. */
function panel(url = sidecar.url): ILoadOptionsFunctions {
	const made = lookUpOf(questions('q'));
	made.credentials.baseUrl = url;
	const context: IExecuteFunctions = made.contextOf('Look Up', fromQuestion);
	return context as unknown as ILoadOptionsFunctions;
}

const held = {
	namespaces: [
		{ namespace: 'default', entries: 1, bytes: 10 },
		{ namespace: 'support-bot', entries: 120, bytes: 999 },
	],
	match: ['exact'],
};

const NOWHERE = 'http://127.0.0.1:9';

describe('the list of namespaces', () => {
	it('says what each holds', async () => {
		sidecar.on('GET /v1/namespaces', { body: held });
		expect(await listSearch.searchNamespaces.call(panel())).toEqual({
			results: [
				{ name: 'default: 1 answer', value: 'default' },
				{ name: 'support-bot: 120 answers', value: 'support-bot' },
			],
		});
	});

	it('takes a name that is new', async () => {
		sidecar.on('GET /v1/namespaces', { body: held });
		expect(await listSearch.searchNamespaces.call(panel(), ' support ')).toEqual({
			results: [
				{ name: 'support-bot: 120 answers', value: 'support-bot' },
				{ name: 'support', value: 'support' },
			],
		});
		const { results } = await listSearch.searchNamespaces.call(panel(), 'support-bot');
		expect(results).toHaveLength(1);
	});

	it('says that the cache server is away, and still takes a name', async () => {
		expect(await listSearch.searchNamespaces.call(panel(NOWHERE), 'mine')).toEqual({
			results: [
				{ name: 'The cache server did not answer: type a name', value: ' ' },
				{ name: 'mine', value: 'mine' },
			],
		});
	});

	it('says why the cache server does not tell', async () => {
		sidecar.on('GET /v1/namespaces', problem(401, 'unauthorized'));
		expect(await listSearch.searchNamespaces.call(panel())).toEqual({
			results: [{ name: 'Prompt Cache did not accept the token: type a name', value: ' ' }],
		});
	});
});

describe('the list of models', () => {
	const attached = { name: 'The One Attached to the AI Node', value: '' };

	it('says what each costs, after the one that is attached', async () => {
		sidecar.on('GET /v1/models', ({ query }) => {
			expect(query).toEqual({ limit: '50' });
			const prices = { input_usd_per_million: 0.25, output_usd_per_million: 2 };
			const unknown = { input_usd_per_million: null, output_usd_per_million: null };
			return {
				body: {
					models: [
						{ model: 'gpt-5-mini', provider: 'openai', ...prices },
						{ model: 'demo-model', provider: null, ...unknown },
					],
				},
			};
		});
		expect(await listSearch.searchModels.call(panel())).toEqual({
			results: [
				attached,
				{ name: 'gpt-5-mini: $0.25 in, $2 out per million tokens', value: 'gpt-5-mini' },
				{ name: 'demo-model: price unknown', value: 'demo-model' },
			],
		});
	});

	it('searches at the cache server, and takes a name that is not there', async () => {
		sidecar.on('GET /v1/models', ({ query }) => {
			expect(query.search).toBe('my-model');
			return { body: { models: [] } };
		});
		expect(await listSearch.searchModels.call(panel(), 'my-model')).toEqual({
			results: [{ name: 'my-model', value: 'my-model' }],
		});
	});

	it('offers the one that is attached while the cache server is away', async () => {
		const { results } = await listSearch.searchModels.call(panel(NOWHERE));
		expect(results).toEqual([
			attached,
			{ name: 'The cache server did not answer: type a name', value: ' ' },
		]);
	});
});

describe('the lists of what was seen', () => {
	it.each([
		['searchSeenNamespaces', 'namespace'],
		['searchSeenModels', 'model'],
		['searchSeenWorkflows', 'workflow'],
		['searchSeenNodes', 'node'],
	])('have first what asked most: %s', async (method, dimension) => {
		sidecar.on('GET /v1/stats', ({ query }) => {
			expect(query).toEqual({ group_by: dimension });
			const groups = [
				{ group: '', lookups: 99 },
				{ group: 'Rare', lookups: 1 },
				{ group: 'Support bot', lookups: 12 },
			];
			return { body: { groups } };
		});
		const list = (typed?: string) => listSearch[method]!.call(panel(), typed);
		expect(await list()).toEqual({
			results: [
				{ name: 'Support bot: 12 questions', value: 'Support bot' },
				{ name: 'Rare: 1 question', value: 'Rare' },
			],
		});
		expect(await list('rare')).toEqual({
			results: [
				{ name: 'Rare: 1 question', value: 'Rare' },
				{ name: 'rare', value: 'rare' },
			],
		});
	});
});

const ALL_KINDS = ['As the Namespace Says', 'Same Question', 'Similar Meaning'];

describe('the kinds of matching', () => {
	const names = async (context: ILoadOptionsFunctions) =>
		(await loadOptions.getMatchKinds.call(context)).map(({ name }) => name);

	it('are those that the cache server can do', async () => {
		sidecar.on('GET /v1/namespaces', { body: held });
		expect(await names(panel())).toEqual(['As the Namespace Says', 'Same Question']);
		sidecar.on('GET /v1/namespaces', { body: { ...held, match: ['exact', 'semantic'] } });
		expect(await names(panel())).toEqual(ALL_KINDS);
	});

	it('are all there while it is away', async () => {
		expect(await names(panel(NOWHERE))).toEqual(ALL_KINDS);
	});
});

describe('the lists of a node', () => {
	const methodsIn = (properties: INodeProperties[]): unknown[] =>
		properties.flatMap(({ modes = [], typeOptions, options = [] }) => [
			...modes.flatMap((mode) => mode.typeOptions?.searchListMethod ?? []),
			...(typeOptions?.loadOptionsMethod ? [typeOptions.loadOptionsMethod] : []),
			...methodsIn(options as INodeProperties[]),
		]);

	it.each([
		[
			'Prompt Cache',
			new PromptCache(),
			['searchModels', 'searchNamespaces', 'getMatchKinds', ...Object.keys(seenLists)],
		],
		['Prompt Cache Chain', new LangchainPromptCache(), ['searchNamespaces', 'getMatchKinds']],
		['Prompt Cache Model', new PromptCacheModel(), ['searchNamespaces', 'getMatchKinds']],
	])('are all made: %s', (_, { description, methods }, used) => {
		expect(new Set(methodsIn(description.properties))).toEqual(new Set(used));
		const made = Object.values(methods).flatMap((group) => Object.keys(group));
		expect(made).toEqual(expect.arrayContaining(used));
	});
});

import type { IDataObject } from 'n8n-workflow';
import { beforeEach, describe, expect, it } from 'vitest';

import { AskedModel, questions as asking, run } from './chain/fakes';
import { CACHE_TYPE, Execution } from './fakes/execution';
import { sidecar } from './fakes/freshSidecar';
import { fromQuestion, LOOK_UP, lookUpOf, questions } from './fakes/lookUp';
import { hit } from './fakes/sidecar';
import { FakeModel, FakeN8n, FakeStreamingModel, message, stored } from './model/fakes';

const FAILURE =
	'The budget "support" is used up until 1 December 2026 at 00:00 UTC: the model was not asked';
const MISS = { status: 'miss', key: 'k', ticket: 't', reason: 'not_found', over_budget: 'support' };
const STALE = {
	...hit('k', stored('old')),
	status: 'stale',
	reason: 'expired',
	over_budget: 'support',
};
const BUDGETS = {
	budgets: [
		{ name: 'other', period: { until: '2027-01-01T00:00:00Z' } },
		{ name: 'support', period: { until: '2026-12-01T00:00:00Z' } },
	],
};

/** What a lookup of each of these prompts comes to; of messages, by their last text. */
function answers(outcomes: Record<string, IDataObject>): void {
	sidecar
		.on('POST /v1/lookup/batch', ({ body }) => ({
			body: {
				items: (body.items as IDataObject[]).map(({ prompt, messages }) => {
					const asked = (prompt ?? (messages as IDataObject[]).at(-1)!.content) as string;
					return { ...outcomes[asked]!, key: `key of ${asked}` };
				}),
			},
		}))
		.stores();
}

beforeEach(() => {
	sidecar.on('GET /v1/budgets', { body: BUDGETS });
});

describe('Look Up, where a budget is used up', () => {
	it('says so in the item, and as a hint', async () => {
		answers({ new: MISS, known: hit('k', { text: 'stored' }) });
		const made = lookUpOf(questions('new', 'known'));
		const [misses, hits] = await made.run('Look Up', fromQuestion);
		expect(misses!.map(({ json }) => json)).toEqual([
			{
				id: 0,
				question: 'new',
				_cache: { status: 'miss', reason: 'not_found', over_budget: 'support', key: 'key of new' },
			},
		]);
		expect(hits).toHaveLength(1);
		expect(made.hints.map(({ message }) => message)).toContainEqual(
			expect.stringContaining(
				'The budget "support" is used up until 1 December 2026 at 00:00 UTC.',
			),
		);
	});

	it('leaves the item as it came where no receipt is wanted', async () => {
		answers({ new: MISS });
		const made = lookUpOf(questions('new'), { options: { receipt: false } });
		const [misses] = await made.run('Look Up', fromQuestion);
		expect(misses![0]!.json).toEqual({ id: 0, question: 'new' });
	});

	it('has Store tell it too', async () => {
		answers({ new: MISS });
		const made = new Execution(
			{
				Question: {},
				'Look Up': {
					type: CACHE_TYPE,
					parameters: { ...LOOK_UP, prompt: 'new' },
				},
				AI: {},
				Store: { type: CACHE_TYPE, parameters: { resource: 'answer', operation: 'store' } },
			},
			[
				{ from: 'Question', to: 'Look Up' },
				{ from: 'Look Up', to: 'AI' },
				{ from: 'AI', to: 'Store' },
			],
		);
		made.credentials.baseUrl = sidecar.url;
		made.put('Question', [[{ json: {} }]]);
		await made.run('Look Up', fromQuestion);
		const answer = { json: { text: 'A' }, pairedItem: { item: 0 } };
		made.put('AI', [[answer]], { previousNode: 'Look Up' });
		const [items] = await made.run('Store', { previousNode: 'AI' });
		expect(items![0]!.json).toMatchObject({
			text: 'A',
			_cache: { status: 'miss', stored: true, over_budget: 'support' },
		});
	});
});

describe('the chain, where a budget is used up', () => {
	it('fails at the item, and asks no model', async () => {
		answers({ a: hit('k', stored('A')), b: MISS });
		const model = new AskedModel({}, 'fresh');
		await expect(run({ models: model, items: asking('a', 'b') })).rejects.toMatchObject({
			name: 'NodeOperationError',
			message: FAILURE,
			description: expect.stringContaining('"budgets"') as string,
			context: { itemIndex: 1 },
		});
		expect(model.calls).toBe(0);
	});

	it('goes on with what it may ask, where it continues on fail', async () => {
		const free = { status: 'miss', key: 'k', ticket: 't', reason: 'not_found' };
		answers({ a: MISS, b: free, c: hit('k', stored('C')), d: MISS });
		const model = new AskedModel({}, 'fresh');
		const items = asking('a', 'b', 'c', 'd');
		const done = await run({ models: model, items, continueOnFail: true });
		expect(done.items.map(({ json }) => json.error ?? json.text)).toEqual([
			FAILURE,
			'fresh',
			'C',
			FAILURE,
		]);
		expect(model.calls).toBe(1);
		expect(sidecar.received.filter(({ path }) => path === '/v1/budgets')).toHaveLength(1);
	});

	it('gives the expired answer that it may fall back on', async () => {
		answers({ a: STALE });
		const model = new AskedModel({}, 'fresh');
		const { items } = await run({ models: model, items: asking('a') });
		expect(items[0]!.json).toMatchObject({ text: 'old', _cache: { status: 'stale' } });
		expect(model.calls).toBe(0);
	});

	it('does not ask in the place of an answer that cannot be read', async () => {
		let lookups = 0;
		sidecar.on('POST /v1/lookup/batch', () => ({
			body: { items: [lookups++ === 0 ? hit('k', { nothing: true }) : MISS] },
		}));
		const model = new AskedModel({}, 'fresh');
		await expect(run({ models: model, items: asking('a') })).rejects.toThrow(FAILURE);
		expect(model.calls).toBe(0);
	});

	it('fails without the time where the cache server does not tell it', async () => {
		sidecar.on('GET /v1/budgets', { status: 403, body: {} });
		answers({ a: MISS });
		await expect(run({ models: new AskedModel({}), items: asking('a') })).rejects.toThrow(
			'The budget "support" is used up: the model was not asked',
		);
	});
});

describe('the model, where a budget is used up', () => {
	const ask = async (n8n: FakeN8n) => (await n8n.supply())._generate([message('human', 'Hi')], {});

	it.each([[{}], [{ mode: 'refresh' }]])('fails and is not asked, with %o', async (options) => {
		const model = new FakeModel();
		const n8n = new FakeN8n(model, options)
			.reply('/v1/lookup', { ...MISS, lease: 'lease-1' })
			.reply('/v1/budgets', BUDGETS);
		await expect(ask(n8n)).rejects.toMatchObject({ name: 'NodeOperationError', message: FAILURE });
		expect(model.calls).toBe(0);
		expect(n8n.bodies('/v1/release')).toEqual([{ key: 'k', lease: 'lease-1' }]);
		expect(n8n.receipts).toEqual([
			expect.objectContaining({
				result: `No model was asked. ${FAILURE}`,
				status: 'over_budget',
			}),
		]);
	});

	it('fails as a stream too', async () => {
		const model = new FakeStreamingModel();
		const n8n = new FakeN8n(model).reply('/v1/lookup', MISS).reply('/v1/budgets', BUDGETS);
		const stream = (await n8n.supply())._streamResponseChunks!([message('human', 'Hi')], {});
		await expect(stream.next()).rejects.toThrow(FAILURE);
		expect(model.calls).toBe(0);
	});

	it('gives the expired answer that it may fall back on', async () => {
		const model = new FakeModel();
		const n8n = new FakeN8n(model, { maxStale: '1d' })
			.reply('/v1/lookup', STALE)
			.reply('/v1/budgets', BUDGETS);
		const { generations } = await ask(n8n);
		expect(generations[0]!.text).toBe('old');
		expect(model.calls).toBe(0);
		expect(n8n.receipts[0]!.result).toBe(
			'The budget "support" is used up: answered from the cache, with an answer past its time',
		);
	});
});

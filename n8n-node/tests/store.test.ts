import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { CACHE_TYPE, Execution } from './fakes/execution';
import { sidecar } from './fakes/freshSidecar';
import { fromQuestion, LOOK_UP, questions } from './fakes/lookUp';
import { problem } from './fakes/sidecar';

beforeEach(() => void sidecar.knows({}).stores());

afterEach(() => void vi.restoreAllMocks());

/** Question, Look Up, AI and Store in a row, with the look up done. */
async function afterLookUp(
	items: INodeExecutionData[],
	{ store = {}, options = {} }: { store?: IDataObject; options?: IDataObject } = {},
): Promise<Execution> {
	const made = new Execution(
		{
			Question: {},
			'Look Up': { type: CACHE_TYPE, parameters: { ...LOOK_UP, options } },
			AI: {},
			Store: { type: CACHE_TYPE, parameters: { resource: 'answer', operation: 'store', ...store } },
		},
		[
			{ from: 'Question', to: 'Look Up' },
			{ from: 'Look Up', to: 'AI' },
			{ from: 'AI', to: 'Store' },
		],
	);
	made.credentials.baseUrl = sidecar.url;
	await made.put('Question', [items]).run('Look Up', fromQuestion);
	return made;
}

const fromAi = { previousNode: 'AI' };
const fromLookUp = { previousNode: 'Look Up', previousNodeOutput: 0, previousNodeRun: 0 };

/** What a chain puts out: an answer for each of its items. */
function answers(...texts: string[]): INodeExecutionData[] {
	return texts.map((text, item) => ({ json: { text }, pairedItem: { item } }));
}

function newEntries(): IDataObject[] {
	return sidecar.received
		.filter(({ path }) => path === '/v1/store/batch')
		.flatMap(({ body }) => body.items as IDataObject[]);
}

describe('what is stored', () => {
	it('is the item as the AI node put it out, under the key of its question', async () => {
		const made = await afterLookUp(questions('a', 'b'));
		made.put('AI', [answers('A', 'B')], fromLookUp);
		const [items] = await made.run('Store', fromAi);

		expect(newEntries()).toMatchObject([
			{
				key: 'key of "a"',
				ticket: 'ticket of key of "a"',
				response: { text: 'A' },
				source: { workflow: 'Support bot', node: 'Store' },
			},
			{ key: 'key of "b"', response: { text: 'B' } },
		]);
		expect(items).toEqual([
			{
				json: {
					text: 'A',
					_cache: { status: 'miss', reason: 'not_found', stored: true, key: 'key of "a"' },
				},
				pairedItem: { item: 0 },
			},
			{
				json: {
					text: 'B',
					_cache: { status: 'miss', reason: 'not_found', stored: true, key: 'key of "b"' },
				},
				pairedItem: { item: 1 },
			},
		]);
	});

	it('belongs to the question that the paired item says, in whatever order answers come', async () => {
		const made = await afterLookUp(questions('a', 'b', 'c'));
		const shuffled = [
			{ json: { text: 'C' }, pairedItem: { item: 2 } },
			{ json: { text: 'A' }, pairedItem: 0 },
		] as INodeExecutionData[];
		made.put('AI', [shuffled], fromLookUp);
		const [items] = await made.run('Store', fromAi);
		expect(newEntries().map(({ key, response }) => [key, response])).toEqual([
			['key of "c"', { text: 'C' }],
			['key of "a"', { text: 'A' }],
		]);
		expect(items!.map(({ json, pairedItem }) => [json.text, pairedItem])).toEqual([
			['A', { item: 1 }],
			['C', { item: 0 }],
		]);
	});

	it('leaves out a receipt that came along', async () => {
		const made = await afterLookUp(questions('a'));
		made.put('AI', [[{ json: { text: 'A', _cache: { old: true } }, pairedItem: 0 }]], fromLookUp);
		await made.run('Store', fromAi);
		expect(newEntries()[0]!.response).toEqual({ text: 'A' });
	});

	it.each([
		[{ keep: 'server' }, undefined],
		[{ keep: 'forever' }, null],
		[{ keep: 'limited', ttlAmount: 90, ttlUnit: 'm' }, '90m'],
	])('lives as long as %o says', async (store, ttl) => {
		const made = await afterLookUp(questions('a'), { store });
		await made.put('AI', [answers('A')], fromLookUp).run('Store', fromAi);
		expect(newEntries()[0]!.ttl).toEqual(ttl);
	});

	it('carries tags and what it depends on', async () => {
		const store = { options: { tags: 'one, two,', dependsOn: ['kb'] } };
		const made = await afterLookUp(questions('a'), { store });
		await made.put('AI', [answers('A')], fromLookUp).run('Store', fromAi);
		expect(newEntries()[0]).toMatchObject({ tags: ['one', 'two'], depends_on: ['kb'] });
	});

	it('took its share of the time since the look up', async () => {
		const start = Date.now();
		const clock = vi.spyOn(Date, 'now').mockReturnValue(start);
		const made = await afterLookUp(questions('a', 'b', 'a'));
		clock.mockReturnValue(start + 3000);
		await made.put('AI', [answers('A', 'B')], fromLookUp).run('Store', fromAi);
		expect(newEntries().map(({ latency }) => latency)).toEqual([1.5, 1.5]);
	});

	it('claims no time when somebody else must have taken it', async () => {
		const start = Date.now();
		const clock = vi.spyOn(Date, 'now').mockReturnValue(start);
		const made = await afterLookUp(questions('a'));
		clock.mockReturnValue(start + 3_600_000);
		await made.put('AI', [answers('A')], fromLookUp).run('Store', fromAi);
		expect(newEntries()[0]).not.toHaveProperty('latency');
	});
});

describe('repeats', () => {
	it('get a copy each, in the order in which they came, linked to their own item', async () => {
		const made = await afterLookUp(questions('a', 'b', 'a', 'b', 'a'));
		made.put('AI', [answers('A', 'B')], fromLookUp);
		const [items] = await made.run('Store', fromAi);

		expect(newEntries()).toHaveLength(2);
		expect(items!.map(({ json }) => json.text)).toEqual(['A', 'B', 'A', 'B', 'A']);
		expect(items!.map(({ json }) => (json._cache as IDataObject).status)).toEqual([
			'miss',
			'miss',
			'repeat',
			'repeat',
			'repeat',
		]);
		const parked = { previousNode: 'Look Up', previousNodeOutput: 2, previousNodeRun: 0 };
		expect(items![2]!.pairedItem).toEqual({ item: 0, sourceOverwrite: parked });

		const after = made.contextOf('Store', fromAi).getWorkflowDataProxy(0);
		const source = { previousNode: 'Store', previousNodeOutput: 0, previousNodeRun: 0 };
		const ids = items!.map(
			(_, item) => after.$getPairedItem('Question', source, { item })!.json.id,
		);
		expect(ids).toEqual([0, 1, 2, 3, 4]);
	});

	it('share the fate of an answer that failed', async () => {
		const made = await afterLookUp(questions('a', 'a'));
		made.put('AI', [[{ json: { error: 'no credit' }, pairedItem: 0 }]], fromLookUp);
		const [items] = await made.run('Store', fromAi);
		expect(items!.map(({ json }) => json)).toEqual([
			{ error: 'no credit' },
			{ error: 'no credit' },
		]);
		expect(newEntries()).toEqual([]);
	});

	it('are answered without the cache, too', async () => {
		sidecar.on('POST /v1/lookup/batch', problem(503, 'store-unavailable'));
		const made = await afterLookUp(questions('a', 'b', 'a'));
		made.put('AI', [answers('A', 'B')], fromLookUp);
		const [items] = await made.run('Store', fromAi);
		expect(items!.map(({ json }) => json.text)).toEqual(['A', 'B', 'A']);
		expect(items![0]!.json._cache).toEqual({
			status: 'miss',
			reason: 'cache_unreachable',
			stored: false,
		});
		expect(newEntries()).toEqual([]);
	});
});

describe('what is passed on and not stored', () => {
	it('is an answer with an error', async () => {
		const made = await afterLookUp(questions('a'));
		const failed = { json: { error: { message: 'rate limit' }, text: '' }, pairedItem: 0 };
		const [items] = await made.put('AI', [[failed]], fromLookUp).run('Store', fromAi);
		expect(items![0]!.json).toEqual(failed.json);
		expect(newEntries()).toEqual([]);
	});

	it('is not an answer whose provider says that there was no error', async () => {
		const made = await afterLookUp(questions('a'));
		const item = {
			json: { output: [], error: null },
			pairedItem: 0,
		} as unknown as INodeExecutionData;
		await made.put('AI', [[item]], fromLookUp).run('Store', fromAi);
		expect(newEntries()).toHaveLength(1);
	});

	it('is an answer with a file of its own, which could not be given again', async () => {
		const made = await afterLookUp([
			{ json: { question: 'a' }, binary: { photo: { mimeType: 'image/png', data: 'AAAA' } } },
			{ json: { question: 'b' } },
		]);
		const image = { mimeType: 'image/png', data: 'AAAA' };
		made.put(
			'AI',
			[
				[
					{ json: { text: 'A' }, binary: { photo: image }, pairedItem: 0 },
					{ json: { text: 'B' }, binary: { drawn: image }, pairedItem: 1 },
				],
			],
			fromLookUp,
		);
		const [items] = await made.run('Store', fromAi);
		expect(newEntries().map(({ key }) => key)).toEqual(['key of "a"']);
		expect(items![1]!.json._cache).toMatchObject({ stored: false, refused: 'answer_has_files' });
		expect(items![1]!.binary).toEqual({ drawn: image });
	});

	it('is what the sidecar does not store, with its reason', async () => {
		sidecar.on('POST /v1/store/batch', {
			status: 201,
			body: { items: [{ key: 'k', stored: false, reason: 'empty_response' }] },
		});
		const made = await afterLookUp(questions('a'));
		const [items] = await made.put('AI', [answers('')], fromLookUp).run('Store', fromAi);
		expect(items![0]!.json._cache).toMatchObject({ stored: false, refused: 'empty_response' });
	});

	it('is everything when the cache went down in between', async () => {
		const made = await afterLookUp(questions('a'));
		sidecar.on('POST /v1/store/batch', problem(503, 'store-unavailable'));
		const [items] = await made.put('AI', [answers('A')], fromLookUp).run('Store', fromAi);
		expect(items![0]!.json).toMatchObject({
			text: 'A',
			_cache: { stored: false, refused: 'cache_unreachable' },
		});
		expect(made.hints[0]!.message).toContain('The answers were not kept.');
	});

	it('is replaced by the expired answer where there is one', async () => {
		sidecar.on('POST /v1/lookup/batch', {
			body: {
				items: [
					{
						status: 'stale',
						key: 'k',
						reason: 'expired',
						age: 90000,
						ttl: -3600,
						response: { text: 'old' },
					},
				],
			},
		});
		const made = await afterLookUp(questions('a'));
		const failed = { json: { error: 'down' }, pairedItem: 0 };
		const [items] = await made.put('AI', [[failed]], fromLookUp).run('Store', fromAi);
		expect(items![0]!.json).toEqual({
			text: 'old',
			_cache: { status: 'stale', key: 'k', age_seconds: 90000 },
		});
		expect(newEntries()).toEqual([]);
	});
});

describe('what goes wrong', () => {
	it('ends the node with what to do', async () => {
		const made = await afterLookUp(questions('a'));
		sidecar.on(
			'POST /v1/store/batch',
			problem(403, 'forbidden', { detail: 'Readers may not store.' }),
		);
		made.put('AI', [answers('A')], fromLookUp);
		await expect(made.run('Store', fromAi)).rejects.toMatchObject({
			message: 'The token does not allow this',
			description: expect.stringContaining('Readers may not store.'),
		});
	});

	it('is an item of its own when the node continues on fail', async () => {
		const made = await afterLookUp(questions('a', 'b'));
		made.continueOnFail = true;
		await made.put('AI', [answers('A')], fromLookUp).run('Store', fromAi);
		const again = { json: { text: 'A2' }, pairedItem: 0 };
		made.put('AI', [[again, { json: { text: 'B' }, pairedItem: 1 }]], fromLookUp);
		const [items] = await made.run('Store', { previousNode: 'AI', previousNodeRun: 1 });
		expect(items!.map(({ json }) => [json.text, json.error])).toEqual([
			['A2', 'There is an answer to this question already'],
			['B', undefined],
		]);
		expect(newEntries().map(({ response }) => response)).toEqual([{ text: 'A' }, { text: 'B' }]);
	});
});

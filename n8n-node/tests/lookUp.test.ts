import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { CACHE_TYPE, Execution } from './fakes/execution';
import { FakeSidecar, problem } from './fakes/sidecar';

let sidecar: FakeSidecar;

beforeEach(async () => {
	sidecar = await new FakeSidecar().start();
});

afterEach(async () => {
	await sidecar.stop();
});

function execution(
	items: INodeExecutionData[],
	parameters: IDataObject = {},
	type = CACHE_TYPE,
): Execution {
	const lookUp = {
		resource: 'answer',
		operation: 'lookUp',
		question: 'prompt',
		prompt: (item: INodeExecutionData) => item.json.question,
		...parameters,
	};
	const made = new Execution({ Question: {}, 'Look Up': { type, parameters: lookUp } }, [
		{ from: 'Question', to: 'Look Up' },
	]);
	made.credentials.baseUrl = sidecar.url;
	return made.put('Question', [items]);
}

async function unusedAddress(): Promise<string> {
	const gone = await new FakeSidecar().start();
	const { url } = gone;
	await gone.stop();
	return url;
}

const fromQuestion = { previousNode: 'Question' };

function questions(...texts: string[]): INodeExecutionData[] {
	return texts.map((question, id) => ({ json: { id, question } }));
}

describe('outputs', () => {
	it('sends what is not known to Miss, and the stored item to Hit', async () => {
		sidecar.knows({ old: { text: 'stored', deep: [1] } });
		const [misses, hits] = await execution(questions('new', 'old')).run('Look Up', fromQuestion);

		expect(misses!.map(({ json, pairedItem }) => [json, pairedItem])).toEqual([
			[{ id: 0, question: 'new' }, { item: 0 }],
		]);
		expect(hits!.map(({ json, pairedItem }) => [json, pairedItem])).toEqual([
			[
				{
					text: 'stored',
					deep: [1],
					_cache: { status: 'hit', key: 'key of "old"', match: 'exact', age: 2.5 },
				},
				{ item: 1 },
			],
		]);
	});

	it('leaves the receipt out when it is not wanted', async () => {
		sidecar.knows({ old: { text: 'stored' } });
		const made = execution(questions('old'), { options: { receipt: false } });
		const [, hits] = await made.run('Look Up', fromQuestion);
		expect(hits![0]!.json).toEqual({ text: 'stored' });
	});

	it('tells what was saved', async () => {
		const saved = {
			cost_usd: 0.002,
			input_tokens: 10,
			output_tokens: 5,
			seconds: 1.2345,
			estimated: false,
		};
		const hit = { status: 'hit', key: 'k', match: 'semantic', similarity: 0.97, age: 1, ttl: null };
		sidecar.on('POST /v1/lookup/batch', {
			body: { items: [{ ...hit, response: { text: 'a' }, saved }] },
		});
		const [, hits] = await execution(questions('q')).run('Look Up', fromQuestion);
		expect(hits![0]!.json._cache).toEqual({
			status: 'hit',
			key: 'k',
			match: 'semantic',
			similarity: 0.97,
			age: 1,
			saved: { usd: 0.002, tokens: 15, milliseconds: 1235, estimated: false },
		});
	});

	it('keeps money and tokens unknown where they are', async () => {
		const saved = {
			cost_usd: null,
			input_tokens: null,
			output_tokens: null,
			seconds: null,
			estimated: false,
		};
		const hit = { status: 'hit', key: 'k', match: 'exact', similarity: 1, age: 1, ttl: null };
		sidecar.on('POST /v1/lookup/batch', {
			body: { items: [{ ...hit, response: 'plain text', saved }] },
		});
		const [, hits] = await execution(questions('q')).run('Look Up', fromQuestion);
		expect(hits![0]!.json).toMatchObject({
			response: 'plain text',
			_cache: { saved: { usd: null, tokens: null, milliseconds: null } },
		});
	});

	it('lets only the first of equal misses through', async () => {
		sidecar.knows({});
		const items = questions('a', 'b', 'a', 'a');
		const [misses, hits, parked] = await execution(items).run('Look Up', fromQuestion);
		expect(misses!.map(({ json }) => json.id)).toEqual([0, 1]);
		expect(hits).toEqual([]);
		expect(parked!.map(({ json, pairedItem }) => [json.id, pairedItem])).toEqual([
			[2, { item: 2 }],
			[3, { item: 3 }],
		]);
	});

	it('is one list for an AI agent that uses it as a tool', async () => {
		sidecar.knows({ old: { text: 'stored' } });
		const made = execution(questions('old', 'new'), {}, `${CACHE_TYPE}Tool`);
		const outputs = await made.run('Look Up', fromQuestion);
		expect(outputs).toHaveLength(1);
		expect(outputs[0]!.map(({ json }) => json.text ?? json.question)).toEqual(['new', 'stored']);
	});
});

describe('the request', () => {
	it('carries everything that was filled in', async () => {
		sidecar.knows({});
		const made = execution(questions('q'), {
			model: 'gpt-5-mini',
			system: 'Be brief',
			attributes: {
				pairs: [
					{ name: 'customer', value: 7 },
					{ name: '', value: 'x' },
				],
			},
			options: {
				namespace: 'bot',
				normalize: 'loose',
				match: 'semantic',
				threshold: 0.9,
				maxAge: { time: { amount: 2, unit: 'h' } },
				maxStale: { time: { amount: 7, unit: 'd' } },
			},
		});
		await made.run('Look Up', fromQuestion);
		expect(sidecar.received[0]).toMatchObject({
			method: 'POST',
			path: '/v1/lookup/batch',
			headers: { authorization: 'Bearer secret' },
		});
		expect(sidecar.received[0]!.body).toEqual({
			items: [
				{
					prompt: 'q',
					model: 'gpt-5-mini',
					system: 'Be brief',
					attributes: { customer: '7' },
					namespace: 'bot',
					normalize: 'loose',
					match: 'semantic',
					threshold: 0.9,
					max_age: '2h',
					max_stale: '7d',
					source: { workflow: 'Support bot', node: 'Look Up' },
				},
			],
		});
	});

	it('holds nothing that was not asked for', async () => {
		sidecar.knows({});
		await execution(questions('q')).run('Look Up', fromQuestion);
		expect(sidecar.received[0]!.body.items).toEqual([
			{ prompt: 'q', source: { workflow: 'Support bot', node: 'Look Up' } },
		]);
	});

	it('is cut into batches of a thousand', async () => {
		sidecar.knows({});
		const items = questions(...Array.from({ length: 2500 }, (_, at) => `q${at % 2400}`));
		const [misses, , parked] = await execution(items).run('Look Up', fromQuestion);
		expect(sidecar.received.map(({ body }) => (body.items as unknown[]).length)).toEqual([
			1000, 1000, 500,
		]);
		expect(misses).toHaveLength(2400);
		expect(parked).toHaveLength(100);
	});

	it('is cut smaller where prompts are long', async () => {
		sidecar.knows({});
		const long = 'x'.repeat(1_500_000);
		await execution(questions(...['a', 'b', 'c', 'd'].map((end) => long + end))).run(
			'Look Up',
			fromQuestion,
		);
		expect(sidecar.received.map(({ body }) => (body.items as unknown[]).length)).toEqual([2, 2]);
	});

	it('takes chat messages as a list or as JSON text', async () => {
		sidecar.knows({});
		const chat = [{ role: 'user', content: 'Hi' }];
		const items = [
			{ json: { chat } },
			{ json: { chat: JSON.stringify(chat) } },
		] as INodeExecutionData[];
		const messages = (item: INodeExecutionData) => item.json.chat;
		const made = execution(items, { question: 'messages', messages } as unknown as IDataObject);
		await made.run('Look Up', fromQuestion);
		expect((sidecar.received[0]!.body.items as IDataObject[]).map((item) => item.messages)).toEqual(
			[chat, chat],
		);
	});

	it('takes the whole item whatever the order of its fields', async () => {
		sidecar.knows({});
		const items = [
			{ json: { b: { d: 1, c: [2, { f: 3, e: 4 }] }, a: 'x', id: 1, _cache: {} } },
			{ json: { id: 2, a: 'x', b: { c: [2, { e: 4, f: 3 }], d: 1 } } },
		];
		const made = execution(items, { question: 'item', options: { ignoredFields: 'id, seen' } });
		await made.run('Look Up', fromQuestion);
		const [first, second] = (sidecar.received[0]!.body.items as IDataObject[]).map(
			({ prompt }) => prompt,
		);
		expect(first).toBe('{"a":"x","b":{"c":[2,{"e":4,"f":3}],"d":1}}');
		expect(second).toBe(first);
	});

	it('tells files apart by their content, not their name', async () => {
		sidecar.knows({});
		const file = (name: string, content: string): INodeExecutionData => ({
			json: { question: 'q' },
			binary: { [name]: { mimeType: 'text/plain', data: Buffer.from(content).toString('base64') } },
		});
		const items = [file('a', 'cats'), file('b', 'cats'), file('a', 'dogs')];
		await execution(items).run('Look Up', fromQuestion);
		await execution(items, { options: { includeFiles: false } }).run('Look Up', fromQuestion);
		const [with_, without] = sidecar.received.map(({ body }) =>
			(body.items as IDataObject[]).map((item) => (item.attributes as IDataObject)?.['n8n.files']),
		);
		expect(with_![0]).toMatch(/^[0-9a-f]{64}$/);
		expect(with_![1]).toBe(with_![0]);
		expect(with_![2]).not.toBe(with_![0]);
		expect(without).toEqual([undefined, undefined, undefined]);
	});

	it('asks for no earlier answer when it is to ask again', async () => {
		sidecar.knows({});
		await execution(questions('q'), { options: { refresh: true } }).run('Look Up', fromQuestion);
		expect(sidecar.received[0]!.body.items).toMatchObject([{ max_age: 0 }]);
	});
});

describe('what goes wrong', () => {
	it.each([
		['prompt', 'The prompt is empty'],
		['messages', 'The messages are not a list'],
		['item', 'The item has no fields to look up'],
	])('is told where there is nothing to look up as %s', async (question, message) => {
		const made = execution([{ json: {} }], { question, messages: 'no list' });
		await expect(made.run('Look Up', fromQuestion)).rejects.toMatchObject({
			message,
			context: { itemIndex: 0 },
		});
		expect(sidecar.received).toEqual([]);
	});

	it('goes to Miss once for each question when the cache is down', async () => {
		const made = execution(questions('a', 'b', 'a'));
		made.credentials.baseUrl = await unusedAddress();
		const [misses, , parked] = await made.run('Look Up', fromQuestion);
		expect(misses!.map(({ json }) => json)).toEqual([
			{ id: 0, question: 'a' },
			{ id: 1, question: 'b' },
		]);
		expect(parked).toHaveLength(1);
		expect(made.hints).toHaveLength(1);
		expect(made.hints[0]!.message).toContain('nothing listens there. All went to Miss');
	});

	it.each([
		['a timeout', { body: { items: [] }, delay: 400 }, 'within 0.1 seconds'],
		[
			'an overload',
			problem(503, 'store-unavailable', { detail: 'Redis is gone' }),
			'cannot answer at the moment',
		],
	])('is the same for %s', async (_, reply, message) => {
		sidecar.on('POST /v1/lookup/batch', reply);
		const tolerant = execution(questions('q'), { options: { timeout: 0.1 } });
		const [misses] = await tolerant.run('Look Up', fromQuestion);
		expect(misses).toHaveLength(1);

		const strict = execution(questions('q'), { options: { timeout: 0.1, unreachable: 'stop' } });
		await expect(strict.run('Look Up', fromQuestion)).rejects.toThrow(message);
	});

	it.each([
		[
			problem(401, 'unauthorized', { detail: 'Unknown token.' }),
			'did not accept the token',
			/Unknown token/,
		],
		[
			problem(403, 'forbidden', { detail: 'Readers may not.' }),
			'does not allow this',
			/Readers may not/,
		],
		[{ status: 404, body: '<html>', type: 'text/html' }, 'not like Prompt Cache', /Base URL/],
		[{ status: 200, body: 'welcome', type: 'text/html' }, 'not like Prompt Cache', /Base URL/],
		[problem(413, 'too-large'), 'larger than Prompt Cache takes', /body limit/],
		[problem(400, 'bad-request', { detail: 'semantic is off.' }), 'Semantic is off.', /parameters/],
	])('stops the node where the user has to act: %o', async (reply, message, advice) => {
		sidecar.on('POST /v1/lookup/batch', reply);
		const failed = execution(questions('q')).run('Look Up', fromQuestion);
		await expect(failed).rejects.toMatchObject({
			name: 'NodeApiError',
			message: expect.stringContaining(message),
			description: expect.stringMatching(advice),
		});
	});

	const rejectsBad = ({ body }: { body: IDataObject }) => {
		const errors = (body.items as IDataObject[]).flatMap(({ prompt }, at) =>
			prompt === 'bad' ? [{ loc: ['items', at, 'attributes', 'x'], msg: 'expected a text' }] : [],
		);
		if (errors.length > 0) return problem(400, 'bad-request', { errors });
		const items = (body.items as IDataObject[]).map(({ prompt }) => ({
			status: 'miss',
			key: `key of ${prompt as string}`,
			reason: 'not_found',
		}));
		return { body: { items } };
	};

	it('names the item and the field', async () => {
		sidecar.on('POST /v1/lookup/batch', rejectsBad);
		await expect(
			execution(questions('fine', 'bad')).run('Look Up', fromQuestion),
		).rejects.toMatchObject({
			message: 'Item 1: attributes, x: expected a text',
			context: { itemIndex: 1 },
		});
	});

	it('costs only the items concerned when the node continues on fail', async () => {
		sidecar.on('POST /v1/lookup/batch', rejectsBad);
		const made = execution(questions('a', 'bad', '', 'b', 'bad', 'a'));
		made.continueOnFail = true;
		const [misses, , parked] = await made.run('Look Up', fromQuestion);
		expect(misses!.map(({ json }) => json.error ?? json.question)).toEqual([
			'a',
			'Item 1: attributes, x: expected a text',
			'The prompt is empty',
			'b',
			'Item 4: attributes, x: expected a text',
		]);
		expect(misses!.map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 1, 2, 3, 4].map((item) => ({ item })),
		);
		expect(parked!.map(({ json }) => json.id)).toEqual([5]);
	});
});

describe('noticing changed AI nodes', () => {
	async function fingerprint(
		temperature: number,
		names = { ai: 'AI', model: 'GPT' },
	): Promise<unknown> {
		sidecar.knows({});
		const lookUp = {
			resource: 'answer',
			operation: 'lookUp',
			question: 'prompt',
			prompt: 'q',
			options: { watch: true },
		};
		const made = new Execution(
			{
				Question: {},
				'Look Up': { type: CACHE_TYPE, parameters: lookUp },
				[names.ai]: { type: 'chain', parameters: { text: '={{ $json.question }}' } },
				[names.model]: { type: 'model', parameters: { options: { temperature } } },
				Store: { type: CACHE_TYPE, parameters: { resource: 'answer', operation: 'store' } },
				After: { type: 'after', parameters: { seed: Math.random() } },
			},
			[
				{ from: 'Question', to: 'Look Up' },
				{ from: 'Look Up', to: names.ai },
				{ from: names.model, to: names.ai, kind: 'ai_languageModel' },
				{ from: names.ai, to: 'Store' },
				{ from: 'Store', to: 'After' },
				{ from: 'Look Up', to: 'After', output: 1 },
			],
		);
		made.credentials.baseUrl = sidecar.url;
		await made.put('Question', [questions('q')]).run('Look Up', fromQuestion);
		const [item] = sidecar.received.at(-1)!.body.items as IDataObject[];
		return (item!.attributes as IDataObject)['n8n.aiNodes'];
	}

	it('counts the settings of the model, not names, nor what comes after Store', async () => {
		const first = await fingerprint(0.1);
		expect(first).toMatch(/^[0-9a-f]{64}$/);
		expect(await fingerprint(0.1)).toBe(first);
		expect(await fingerprint(0.1, { ai: 'Renamed', model: 'Claude' })).toBe(first);
		expect(await fingerprint(0.9)).not.toBe(first);
	});
});

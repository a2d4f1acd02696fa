import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { CACHE_TYPE, Execution } from '../fakes/execution';
import { sidecar } from '../fakes/freshSidecar';
import { fromQuestion, LOOK_UP, lookUpOf, questions } from '../fakes/lookUp';

describe('the request', () => {
	it('carries everything that was filled in', async () => {
		sidecar.knows({});
		const made = lookUpOf(questions('q'), {
			model: 'gpt-5-mini',
			system: 'Be brief',
			attributes: {
				pairs: [
					{ name: 'customer', value: 7 },
					{ name: '', value: 'x' },
				],
			},
			namespace: 'bot',
			matching: { normalize: 'loose', match: 'semantic', threshold: 0.9 },
			freshness: {
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
		await lookUpOf(questions('q')).run('Look Up', fromQuestion);
		expect(sidecar.received[0]!.body.items).toEqual([
			{
				prompt: 'q',
				namespace: 'default',
				source: { workflow: 'Support bot', node: 'Look Up' },
			},
		]);
	});

	it('is cut into batches of a thousand', async () => {
		sidecar.knows({});
		const items = questions(...Array.from({ length: 2500 }, (_, at) => `q${at % 2400}`));
		const [misses, , parked] = await lookUpOf(items).run('Look Up', fromQuestion);
		expect(sidecar.received.map(({ body }) => (body.items as unknown[]).length)).toEqual([
			1000, 1000, 500,
		]);
		expect(misses).toHaveLength(2400);
		expect(parked).toHaveLength(100);
	});

	it('is cut smaller where prompts are long', async () => {
		sidecar.knows({});
		const long = 'x'.repeat(1_500_000);
		await lookUpOf(questions(...['a', 'b', 'c', 'd'].map((end) => long + end))).run(
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
		const made = lookUpOf(items, { question: 'messages', messages } as unknown as IDataObject);
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
		const made = lookUpOf(items, { question: 'item', options: { ignoredFields: 'id, seen' } });
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
		await lookUpOf(items).run('Look Up', fromQuestion);
		await lookUpOf(items, { options: { includeFiles: false } }).run('Look Up', fromQuestion);
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
		await lookUpOf(questions('q'), { refresh: true }).run('Look Up', fromQuestion);
		expect(sidecar.received[0]!.body.items).toMatchObject([{ max_age: 0 }]);
	});
});

describe('noticing changed AI nodes', () => {
	async function fingerprint(
		temperature: number,
		names = { ai: 'AI', model: 'GPT' },
	): Promise<unknown> {
		sidecar.knows({});
		const lookUp = { ...LOOK_UP, matching: { watch: true } };
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

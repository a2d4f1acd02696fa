import type { IDataObject } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { sidecar } from '../fakes/freshSidecar';
import { likeHit, NEAR_MISS, NEAR_MISS_RECEIPT } from '../fakes/sidecar';
import { result, stored } from '../model/fakes';
import { asked, AskedModel, questions, run } from './fakes';

const receipts = (items: Array<{ json: IDataObject }>) =>
	items.map(({ json }) => json._cache as IDataObject);

function storedEntries(): IDataObject[] {
	return sidecar.received
		.filter(({ path }) => path === '/v1/store/batch')
		.flatMap(({ body }) => body.items as IDataObject[]);
}

/** Finds nothing, and keys each lookup by its messages. */
function misses(): void {
	sidecar.knows({}).stores();
}

describe('an answer', () => {
	it('is stored with all that the cache wants to know, and counts its repeats', async () => {
		misses();
		const usage_metadata = { input_tokens: 3, output_tokens: 4 };
		const model = new AskedModel({}, result('hello', { usage_metadata }));
		const { items } = await run(
			{ models: model, items: questions('a', 'a', 'a') },
			{ options: { tags: 'x, y', dependsOn: 'kb' }, keep: 'forever' },
		);
		expect(items.map(({ json, pairedItem }) => [json.text, pairedItem])).toEqual([
			['hello', { item: 0 }],
			['hello', { item: 1 }],
			['hello', { item: 2 }],
		]);
		expect(receipts(items).map(({ status }) => status)).toEqual(['miss', 'repeat', 'repeat']);
		expect(storedEntries()).toEqual([
			expect.objectContaining({
				ticket: expect.stringContaining('ticket of') as string,
				usage: usage_metadata,
				finish_reason: 'stop',
				repeats: 2,
				tags: ['x', 'y'],
				depends_on: ['kb'],
				ttl: null,
				latency: expect.any(Number) as number,
				source: { workflow: 'Support bot', node: 'Chain' },
			}),
		]);
	});

	it('is kept before the next questions are asked', async () => {
		misses();
		const model = new AskedModel({}, 'one', 'two', new Error('overloaded'), 'four');
		const items = questions('a', 'b', 'c', 'd');
		const running = run({ models: model, items }, { batching: { batchSize: 1 } });
		await expect(running).rejects.toThrow('overloaded');
		expect(storedEntries()).toHaveLength(2);
		expect(model.calls).toBe(3);
	});

	it('comes through when the cache does not take it', async () => {
		sidecar.knows({}).on('POST /v1/store/batch', { status: 403, body: { type: 'x' } });
		const { items } = await run({ models: new AskedModel({}, 'hello') });
		expect(items[0]!.json.text).toBe('hello');
		expect(receipts(items)[0]).toMatchObject({ status: 'miss', stored: false });
		expect(receipts(items)[0]!.refused).toEqual(expect.any(String));
	});

	it('of another model is passed on and not kept', async () => {
		misses();
		const fallback = new AskedModel({ model: 'other' }, 'from the other');
		const models = [fallback, new AskedModel({}, new Error('overloaded'))];
		const { items } = await run({ models }, { needsFallback: true });
		expect(items[0]!.json.text).toBe('from the other');
		expect(receipts(items)[0]).toMatchObject({ stored: false, refused: 'other_model' });
		expect(storedEntries()).toEqual([]);
	});

	it('that calls tools is passed on and not kept', async () => {
		misses();
		const calling = result('', { tool_calls: [{ id: '1', name: 'search', args: {} }] });
		const { items } = await run({ models: new AskedModel({}, calling) });
		expect(items[0]!.json.text).toBe('');
		expect(receipts(items)[0]).toMatchObject({ refused: 'tool_calls' });
		expect(storedEntries()).toEqual([]);
	});

	it('in JSON comes out as fields where the model was set to it, and is not kept where it is none', async () => {
		misses();
		const settings = { modelKwargs: { response_format: { type: 'json_object' } } };
		const { items } = await run({ models: new AskedModel(settings, '{"city": "Bonn"}') });
		expect(items[0]!.json).toMatchObject({ city: 'Bonn' });
		const running = run({ models: new AskedModel(settings, 'Bonn') });
		await expect(running).rejects.toThrow('no JSON');
		expect(storedEntries()).toHaveLength(1);
	});
});

describe('a hit', () => {
	it('asks no model', async () => {
		const model = new AskedModel();
		sidecar.on('POST /v1/lookup/batch', {
			body: {
				items: [
					{ status: 'hit', key: 'k', match: 'exact', age: 1, response: stored('known') },
					{ status: 'hit', key: 'k', match: 'exact', age: 1, duplicate_of: 0 },
				],
			},
		});
		const { items } = await run({ models: model, items: questions('a', 'a') });
		expect(items.map(({ json }) => json.text)).toEqual(['known', 'known']);
		expect(model.asked).toEqual([]);
	});
});

describe('an answer to a similar question', () => {
	it('is given with what it was made for, where the chain asks for it', async () => {
		const found = likeHit('k', stored('known'));
		sidecar.on('POST /v1/lookup/batch', { body: { items: [found] } });
		const matching = { match: 'semantic', threshold: 0.9, explain: true };
		const { items, hints } = await run({ models: new AskedModel() }, { matching });
		const [lookup] = sidecar.received[0]!.body.items as IDataObject[];
		expect(lookup).toMatchObject(matching);
		expect(items[0]!.json.text).toBe('known');
		expect(receipts(items)[0]).toMatchObject({
			match: 'semantic',
			similarity: 0.934,
			matched: { question: 'How do I reset my password?' },
		});
		expect(hints).toEqual(['Answered by meaning, 93% like: How do I reset my password?']);
	});

	it('is explained where there is none', async () => {
		const miss = { status: 'miss', key: 'k', reason: 'guard:antonyms', explanation: NEAR_MISS };
		sidecar.on('POST /v1/lookup/batch', { body: { items: [miss] } }).stores();
		const { items } = await run({ models: new AskedModel() }, { matching: { explain: true } });
		expect(receipts(items)[0]).toMatchObject({ stored: true, explanation: NEAR_MISS_RECEIPT });
	});
});

describe('an expired answer', () => {
	it('is given if the model fails', async () => {
		const expired = {
			status: 'stale',
			key: 'k',
			reason: 'expired',
			age: 99,
			response: stored('old'),
		};
		sidecar.on('POST /v1/lookup/batch', { body: { items: [expired] } });
		const { items } = await run({ models: new AskedModel({}, new Error('overloaded')) });
		expect(items[0]!.json.text).toBe('old');
		expect(receipts(items)[0]).toMatchObject({ status: 'stale', age_seconds: 99 });
	});
});

describe('what the model is told', () => {
	it('is what was written, braces included', async () => {
		misses();
		const model = new AskedModel();
		const messages = {
			messageValues: [
				{ type: 'human', message: '{a}' },
				{ type: 'ai', message: '{{b}}' },
			],
		};
		await run({ models: model, items: questions('{"c": {{ d }} {e') }, { system: '{s}', messages });
		expect(asked(model)).toEqual([['{s}', '{a}', '{{b}}', '{"c": {{ d }} {e']]);
	});

	it('shows an image beside the prompt', async () => {
		misses();
		const model = new AskedModel();
		const messages = {
			messageValues: [{ type: 'imageUrl', imageUrl: 'https://example.com/a.png' }],
		};
		await run({ models: model }, { messages });
		const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
		expect(asked(model)).toEqual([[[image, { type: 'text', text: 'hi' }]]]);
	});

	it('is never an empty prompt', async () => {
		misses();
		const model = new AskedModel();
		await expect(run({ models: model, items: questions(' ') })).rejects.toThrow(
			'The prompt is empty',
		);
		const { items } = await run({
			models: model,
			items: questions(' ', 'asked'),
			continueOnFail: true,
		});
		expect(items.map(({ json }) => json.error ?? json.text)).toEqual([
			'The prompt is empty',
			'hello',
		]);
		expect(items[0]!.json.question).toBe(' ');
	});
});

describe('a run that is cancelled', () => {
	it('asks no more and keeps nothing that may be cut off', async () => {
		misses();
		const cancel = new AbortController();
		const model = new AskedModel({}, 'half');
		const generate = model._generate.bind(model);
		Object.defineProperty(model, '_generate', {
			value: async () => {
				cancel.abort();
				return await generate();
			},
		});
		await run(
			{ models: model, items: questions('a', 'b'), signal: cancel.signal },
			{ batching: { batchSize: 1 } },
		);
		expect(model.asked).toHaveLength(1);
		expect(storedEntries()).toEqual([]);
	});
});

describe('a run in the editor', () => {
	it('is told apart from production, or stores nothing', async () => {
		misses();
		await run({ models: new AskedModel(), mode: 'manual' });
		const [lookup] = sidecar.received[0]!.body.items as IDataObject[];
		expect(lookup!.attributes).toEqual({ 'n8n.runs': 'manual' });
		const before = storedEntries().length;
		const reading = { options: { manualRuns: 'never' } };
		const { items } = await run({ models: new AskedModel(), mode: 'manual' }, reading);
		expect(receipts(items)[0]).toMatchObject({ stored: false, refused: 'manual_run' });
		expect(storedEntries()).toHaveLength(before);
	});
});

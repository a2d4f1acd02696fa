import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ChatModel, GenerationChunk } from '../../shared/langchain/chatModel';
import { hit } from '../fakes/sidecar';
import { FakeModel, FakeN8n, FakeStreamingModel, message, result, stored } from './fakes';

const MESSAGES = [message('human', 'hi')];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function textOf(model: ChatModel): Promise<string> {
	return (await model._generate(MESSAGES, {})).generations[0]!.text;
}

async function streamed(model: ChatModel): Promise<string[]> {
	const texts: string[] = [];
	for await (const { text } of model._streamResponseChunks!(MESSAGES, {})) texts.push(text);
	return texts;
}

describe('a miss', () => {
	it('is stored with what the model used, how long it took and why it ended', async () => {
		const answer = result('hello', { usage_metadata: { input_tokens: 3, output_tokens: 4 } });
		const n8n = new FakeN8n(new FakeModel({}, answer), { tags: 'a, b', dependsOn: 'kb' }).misses();
		Object.assign(n8n.parameters, { keep: 'limited', ttlAmount: 3, ttlUnit: 'h' });
		await textOf(await n8n.supply());
		expect(n8n.bodies('/v1/lookup')[0]!.lease).toBe(true);
		expect(n8n.bodies('/v1/store')).toEqual([
			expect.objectContaining({
				key: 'k1',
				ticket: 'ticket-1',
				lease: 'lease-1',
				ttl: '3h',
				tags: ['a', 'b'],
				depends_on: ['kb'],
				usage: { input_tokens: 3, output_tokens: 4 },
				finish_reason: 'stop',
				latency: expect.any(Number) as number,
			}),
		]);
		expect(n8n.receipts).toEqual([
			{
				result: 'Asked the model, and kept its answer',
				status: 'miss',
				key: 'k1',
				reason: 'not_found',
				stored: true,
			},
		]);
	});

	it('gives its lease back when the model fails', async () => {
		const n8n = new FakeN8n(new FakeModel({}, new Error('overloaded'))).misses();
		await expect(textOf(await n8n.supply())).rejects.toThrow('overloaded');
		expect(n8n.bodies('/v1/store')).toEqual([]);
		expect(n8n.bodies('/v1/release')).toEqual([{ key: 'k1', lease: 'lease-1' }]);
	});

	it('gives its lease back when the answer calls tools', async () => {
		const calling = result('', { tool_calls: [{ id: '1', name: 'search', args: {} }] });
		const n8n = new FakeN8n(new FakeModel({}, calling)).misses();
		await textOf(await n8n.supply());
		expect(n8n.bodies('/v1/store')).toEqual([]);
		expect(n8n.bodies('/v1/release')).toHaveLength(1);
	});

	it('is stored with the tools it calls where a cassette is recorded, unless they are garbled', async () => {
		const miss = { status: 'miss', key: 'k1', ticket: 'ticket-1', reason: 'not_recorded' };
		const calling = result('', { tool_calls: [{ id: '1', name: 'search', args: {} }] });
		const garbled = result('', { invalid_tool_calls: [{ name: 'search', args: '{' }] });
		for (const [answer, times] of [[calling, 1], [garbled, 0]] as const) {
			const n8n = new FakeN8n(new FakeModel({}, answer)).reply('/v1/lookup', miss);
			await textOf(await n8n.supply());
			expect(n8n.bodies('/v1/store')).toHaveLength(times);
		}
	});

	it('stores the final answer that an agent takes by way of a tool', async () => {
		const final = result('', {
			tool_calls: [{ id: '1', name: 'format_final_json_response', args: {} }],
		});
		const n8n = new FakeN8n(new FakeModel({}, final)).misses();
		await textOf(await n8n.supply());
		expect(n8n.bodies('/v1/store')).toHaveLength(1);
	});

	it('never stores a tool call that came out garbled', async () => {
		const garbled = result('', { invalid_tool_calls: [{ name: 'search', args: '{' }] });
		const n8n = new FakeN8n(new FakeModel({}, garbled), { toolCalls: true }).misses();
		await textOf(await n8n.supply());
		expect(n8n.bodies('/v1/store')).toEqual([]);
	});

	it('is not stored when the call was cancelled meanwhile', async () => {
		const n8n = new FakeN8n(new FakeModel()).misses();
		const model = await n8n.supply();
		const cancel = new AbortController();
		const answer = model._generate(MESSAGES, { signal: cancel.signal });
		cancel.abort();
		await answer;
		expect(n8n.bodies('/v1/store')).toEqual([]);
	});
});

describe('an answer that somebody else is just getting', () => {
	const pending = { status: 'pending', key: 'k1', retry_after: 1 };

	it('is waited for', async () => {
		const fake = new FakeModel();
		const n8n = new FakeN8n(fake).reply(
			'/v1/lookup',
			pending,
			pending,
			hit('k1', stored('theirs')),
		);
		const text = textOf(await n8n.supply());
		await vi.advanceTimersByTimeAsync(2000);
		expect(await text).toBe('theirs');
		expect(fake.calls).toBe(0);
	});

	it('is waited for no longer than the user likes', async () => {
		const fake = new FakeModel();
		const n8n = new FakeN8n(fake, { patience: 5 }).reply('/v1/lookup', pending);
		const text = textOf(await n8n.supply());
		await vi.advanceTimersByTimeAsync(4900);
		expect(fake.calls).toBe(0);
		await vi.advanceTimersByTimeAsync(200);
		expect(await text).toBe('hello');
		expect(n8n.receipts[0]).toMatchObject({ status: 'miss', reason: 'pending', stored: true });
	});

	it('is not waited for once the call is cancelled', async () => {
		const n8n = new FakeN8n(new FakeModel()).reply('/v1/lookup', pending);
		const model = await n8n.supply();
		const cancel = new AbortController();
		const answer = model._generate(MESSAGES, { signal: cancel.signal });
		cancel.abort();
		await vi.advanceTimersByTimeAsync(1000);
		await answer;
		expect(n8n.bodies('/v1/store')).toEqual([]);
	});
});

describe('identical calls of one process', () => {
	it('wait for the first, and then do not stand in line when its answer was of no use', async () => {
		const calling = result('', { tool_calls: [{ id: '1', name: 'search', args: {} }] });
		const fake = new FakeModel({}, calling);
		const n8n = new FakeN8n(fake).misses();
		const model = await n8n.supply();
		await Promise.all([1, 2, 3].map(async () => await textOf(model)));
		expect(fake.calls).toBe(3);
		expect(n8n.bodies('/v1/lookup').map(({ lease }) => lease)).toEqual([true, false, false]);
	});
});

describe('a cache that does not answer', () => {
	const unreachable = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

	it('is asked once, then left alone for a while', async () => {
		const fake = new FakeModel();
		const n8n = new FakeN8n(fake).reply('/v1/lookup', unreachable);
		const model = await n8n.supply();
		await textOf(model);
		await textOf(model);
		expect(fake.calls).toBe(2);
		expect(n8n.sent.map(({ path }) => path)).toEqual(['/v1/lookup']);
		expect(n8n.receipts.map(({ status }) => status)).toEqual(['unreachable', 'unreachable']);
		expect(n8n.hints).toHaveLength(1);

		n8n.misses();
		await vi.advanceTimersByTimeAsync(10_000);
		await textOf(model);
		expect(n8n.bodies('/v1/store')).toHaveLength(1);
	});

	it('does not take the answer away when it fails at the store', async () => {
		const n8n = new FakeN8n(new FakeModel()).misses().reply('/v1/store', unreachable);
		expect(await textOf(await n8n.supply())).toBe('hello');
		expect(n8n.receipts[0]).toMatchObject({ stored: false });
		expect(n8n.bodies('/v1/release')).toEqual([]);
	});
});

describe('a hit', () => {
	it('that is none of ours is left alone', async () => {
		const strange = hit('k1', { text: 'what?' });
		const tooOld = { status: 'miss', key: 'k1', reason: 'too_old' };
		const n8n = new FakeN8n(new FakeModel()).reply('/v1/lookup', strange, tooOld);
		expect(await textOf(await n8n.supply())).toBe('hello');
		expect(n8n.receipts[0]).toMatchObject({ status: 'miss', reason: 'unreadable' });
	});

	it('is asked for within the maximum age', async () => {
		const maxAge = { time: { amount: 5, unit: 'm' } };
		const n8n = new FakeN8n(new FakeModel(), { maxAge }).misses();
		await textOf(await n8n.supply());
		expect(n8n.bodies('/v1/lookup')[0]!.max_age).toBe('5m');
	});
});

describe('a stream', () => {
	it('is passed on piece by piece and stored whole', async () => {
		const n8n = new FakeN8n(new FakeStreamingModel({}, 'one two three')).misses();
		expect(await streamed(await n8n.supply())).toEqual(['one', ' two', ' three']);
		const [{ response }] = n8n.bodies('/v1/store') as [{ response: unknown }];
		expect(response).toMatchObject({ generations: [{ text: 'one two three' }] });
	});

	it('that breaks is not stored, and its failure reaches the caller', async () => {
		const n8n = new FakeN8n(new FakeStreamingModel({}, 'one BREAK three')).misses();
		await expect(streamed(await n8n.supply())).rejects.toThrow('connection lost');
		expect(n8n.bodies('/v1/store')).toEqual([]);
		expect(n8n.bodies('/v1/release')).toHaveLength(1);
	});

	it('that is not read to its end is not stored', async () => {
		const n8n = new FakeN8n(new FakeStreamingModel({}, 'one two three')).misses();
		const model = await n8n.supply();
		const stream = model._streamResponseChunks!(MESSAGES, {});
		await stream.next();
		await stream.return(undefined);
		expect(n8n.bodies('/v1/store')).toEqual([]);
		expect(n8n.receipts[0]).toMatchObject({ refused: 'stream_unfinished' });
	});

	it('tells whoever listens for tokens of a hit as well', async () => {
		const n8n = new FakeN8n(new FakeStreamingModel()).reply(
			'/v1/lookup',
			hit('k1', stored('one two')),
		);
		const model = await n8n.supply();
		const heard: string[] = [];
		const manager = {
			handleLLMNewToken: async (token: string) => void heard.push(token),
		};
		const chunks: GenerationChunk[] = [];
		for await (const chunk of model._streamResponseChunks!(MESSAGES, {}, manager))
			chunks.push(chunk);
		expect(heard).toEqual(['one two']);
		expect(chunks[0]!.generationInfo).toMatchObject({ cached: true });
	});

	const stale = { status: 'stale', key: 'k1', reason: 'expired', age: 9, response: stored('old') };
	const maxStale = { time: { amount: 1, unit: 'h' } };

	it('gives the stale answer when the model fails before its first piece', async () => {
		const failing = new FakeStreamingModel({}, new Error('down'));
		const n8n = new FakeN8n(failing, { maxStale }).reply('/v1/lookup', stale);
		expect(await streamed(await n8n.supply())).toEqual(['old']);
		expect(n8n.receipts[0]).toMatchObject({ status: 'stale', model: 'down' });
	});

	it('gives nothing to a caller who has left', async () => {
		const cancel = new AbortController();
		const failing = new FakeStreamingModel({}, new Error('aborted'));
		const n8n = new FakeN8n(failing, { maxStale }).reply('/v1/lookup', stale);
		const model = await n8n.supply();
		const stream = model._streamResponseChunks!(MESSAGES, { signal: cancel.signal });
		cancel.abort();
		await expect(stream.next()).rejects.toThrow('aborted');
	});

	it('does not mix the stale answer into one that has begun', async () => {
		const failing = new FakeStreamingModel({}, 'one BREAK');
		const n8n = new FakeN8n(failing, { maxStale }).reply('/v1/lookup', stale);
		await expect(streamed(await n8n.supply())).rejects.toThrow('connection lost');
	});
});

describe('a connected model', () => {
	it('that cannot stream is left so', async () => {
		const fake = new FakeModel();
		const own = fake._streamResponseChunks;
		expect((await new FakeN8n(fake).supply())._streamResponseChunks).toBe(own);
	});

	it('has to be a chat model', async () => {
		const completion = { lc_namespace: ['langchain', 'llms', 'openai'], _generate: () => {} };
		await expect(new FakeN8n(completion).supply()).rejects.toThrow('no chat model');
	});

	it('is cached once', async () => {
		const model = await new FakeN8n(new FakeModel()).supply();
		await expect(new FakeN8n(model).supply()).rejects.toThrow('cached already');
	});
});

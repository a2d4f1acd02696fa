import { describe, expect, it } from 'vitest';

import type { ChatModel } from '../../shared/langchain/chatModel';
import { hit } from '../fakes/sidecar';
import { FakeModel, FakeN8n, message, result, stored } from './fakes';

const NO_USE = new Error("Model output doesn't fit required format");

async function ask(model: ChatModel, text = 'hi'): Promise<string> {
	return (await model._generate([message('human', text)], {})).generations[0]!.text;
}

/** A cache that answers two questions, each under its own key. */
function answers(...texts: string[]): FakeN8n {
	return new FakeN8n(() => new FakeModel()).reply(
		'/v1/lookup',
		...texts.map((text, at) => hit(`k${at + 1}`, stored(text))),
	);
}

function forgotten(n8n: FakeN8n) {
	return n8n.bodies('/v1/invalidate').map(({ key }) => key);
}

describe('an answer that an output parser refused', () => {
	it.each([
		['as it is', 'green', 'green'],
		['with blanks around it', ' green\n', 'green'],
		['as JSON written anew', '{ "a": 1, "b": 2 }', '{"b":2,"a":1}'],
		['in the field that agents put it into', '{"a":1}', '{"output":{"a":1}}'],
	])('is known %s, and forgotten alone', async (_, said, parsed) => {
		const n8n = answers('blue', said);
		const model = await n8n.supply();
		await ask(model, 'one');
		n8n.parsed('blue');
		await ask(model, 'two');
		n8n.parsed(parsed, NO_USE);
		await n8n.end();
		expect(forgotten(n8n)).toEqual(['k2']);
	});

	it('is known by what it gives to a tool', async () => {
		const calls = [{ id: '1', name: 'format_final_json_response', args: { a: 1 } }];
		const n8n = new FakeN8n(new FakeModel({}, result('', { tool_calls: calls }))).misses();
		await ask(await n8n.supply());
		n8n.parsed('{"a":1}', NO_USE);
		await n8n.end();
		expect(forgotten(n8n)).toEqual(['k1']);
	});

	it('may be any, where the parser got what nobody said', async () => {
		const n8n = answers('blue', 'green');
		const model = await n8n.supply();
		await ask(model, 'one');
		await ask(model, 'two');
		n8n.parsed('something made of both', NO_USE, 'Parser', 'Another node');
		n8n.parsed('something made of both', NO_USE, 'Fixing', 'AI');
		await n8n.end();
		expect(forgotten(n8n)).toEqual(['k1', 'k2']);
	});

	it('is none of this node where another node uses the parser', async () => {
		const n8n = answers('blue');
		await ask(await n8n.supply());
		n8n.parsed('green', NO_USE, 'Parser', 'Another node');
		await n8n.end();
		expect(forgotten(n8n)).toEqual([]);
	});

	it('stays where an auto-fixing parser mended it', async () => {
		const n8n = answers('green', 'blue');
		const model = await n8n.supply();
		await ask(model, 'one');
		n8n.parsed('green', NO_USE, 'Parser', 'Fixing');
		await ask(model, 'mend green');
		n8n.parsed('blue', undefined, 'Parser', 'Fixing');
		n8n.parsed('green', undefined, 'Fixing');
		await n8n.end();
		expect(forgotten(n8n)).toEqual([]);
	});

	it('does nothing where n8n does not let the node look', async () => {
		const n8n = answers('green');
		n8n.private = true;
		await ask(await n8n.supply());
		n8n.parsed('green', NO_USE);
		await n8n.end();
		expect(forgotten(n8n)).toEqual([]);
	});
});

describe('a run that failed, nobody knows why', () => {
	async function asksAgain(n8n: FakeN8n, question: string): Promise<boolean> {
		await ask(await n8n.supply(), question);
		return n8n.bodies('/v1/lookup').at(-1)!.max_age === 0;
	}

	it('has its last answer asked for again when it is tried again, and no other', async () => {
		const n8n = answers('blue', 'green');
		const model = await n8n.supply();
		await ask(model, 'one');
		await ask(model, 'two');
		await n8n.end();
		expect(await asksAgain(n8n, 'one')).toBe(false);
		expect(await asksAgain(n8n, 'two')).toBe(true);
	});

	it('asks again until there is another answer', async () => {
		const n8n = answers('green');
		await ask(await n8n.supply());
		await n8n.end();
		n8n.misses();
		expect(await asksAgain(n8n, 'hi')).toBe(true);
		expect(await asksAgain(n8n, 'hi')).toBe(false);
	});

	it('asks for all answers again that were given at the same time', async () => {
		const n8n = answers('blue', 'green');
		const models = [await n8n.supply(), await n8n.supply()];
		await Promise.all([ask(models[0]!, 'one'), ask(models[1]!, 'two')]);
		await n8n.end();
		n8n.misses();
		const again = [await n8n.supply(), await n8n.supply()];
		await Promise.all([ask(again[0]!, 'one'), ask(again[1]!, 'two')]);
		expect(n8n.bodies('/v1/lookup').map(({ max_age }) => max_age)).toEqual([
			undefined,
			undefined,
			0,
			0,
		]);
	});

	it('keeps what it was given where the model itself failed', async () => {
		const n8n = new FakeN8n(() => new FakeModel({}, 'blue', new Error('overloaded'))).misses();
		const model = await n8n.supply();
		await ask(model, 'one');
		await expect(ask(model, 'two')).rejects.toThrow('overloaded');
		await n8n.end();
		await n8n.finish(new Error('overloaded'));
		expect(forgotten(n8n)).toEqual([]);
		n8n.reply('/v1/lookup', hit('k1', stored('blue')));
		expect(await asksAgain(n8n, 'one')).toBe(false);
	});

	it('has its last answer forgotten when it failed for good', async () => {
		const n8n = answers('blue', 'green');
		const model = await n8n.supply();
		await ask(model, 'one');
		await ask(model, 'two');
		await n8n.end();
		await n8n.finish(NO_USE);
		expect(forgotten(n8n)).toEqual(['k2']);
	});

	it('that went well in the end has nothing forgotten', async () => {
		const n8n = answers('green');
		await ask(await n8n.supply());
		await n8n.end();
		await n8n.finish();
		expect(forgotten(n8n)).toEqual([]);
	});
});

describe('an option by expression', () => {
	const namespace = { __rl: true, mode: 'id', value: '={{ $json.namespace }}' };

	it('has to be one for all items', async () => {
		const n8n = new FakeN8n(() => new FakeModel()).misses();
		n8n.written = { namespace };
		n8n.items = [{ namespace: 'acme' }, { namespace: 'acme' }];
		await ask(await n8n.supply());
		n8n.items = [{ namespace: 'acme' }, { namespace: 'beta' }];
		await n8n.end();
		await expect(n8n.supply()).rejects.toThrow('"Namespace" differs between the items');
		await expect(n8n.supply()).rejects.toThrow('"Namespace" differs between the items');
	});

	it('is worked out once for a node that asks for its model with each item', async () => {
		const n8n = new FakeN8n(() => new FakeModel()).misses();
		n8n.written = { namespace };
		n8n.items = [{ namespace: 'acme' }];
		await n8n.supply();
		n8n.items = [{ namespace: 'acme' }, { namespace: 'beta' }];
		await n8n.supply();
	});
});

describe('a question that is near an earlier one', () => {
	it('says by what it differs, and what would make the two one', async () => {
		const near = { differs_by: 'date_or_time', mask: 'clock' };
		const miss = { status: 'miss', key: 'k1', reason: 'not_found', near };
		const n8n = new FakeN8n(() => new FakeModel()).reply('/v1/lookup', miss);
		await ask(await n8n.supply());
		expect(n8n.receipts[0]).toMatchObject({ near });
		expect(n8n.hints[0]!.message).toContain('"Treat as the Same" set to "Dates and Times Apart"');
	});

	it('is the same with dates and times apart', async () => {
		const n8n = new FakeN8n(new FakeModel(), { normalize: 'clock' }).misses();
		await ask(await n8n.supply());
		expect(n8n.bodies('/v1/lookup')[0]!.normalize).toContain('mask:clock');
	});
});

describe('a run in the editor', () => {
	it.each([
		['apart', { 'n8n.runs': 'manual' }, 1],
		['together', undefined, 1],
		['never', undefined, 0],
	])('with its answers %s', async (manualRuns, attributes, kept) => {
		const n8n = new FakeN8n(new FakeModel(), { manualRuns }).misses();
		n8n.mode = 'manual';
		await ask(await n8n.supply());
		expect(n8n.bodies('/v1/lookup')[0]!.attributes).toEqual(attributes);
		expect(n8n.bodies('/v1/store')).toHaveLength(kept);
	});
});

describe('the log', () => {
	it.each([
		[
			{ cost_usd: 0.0021, input_tokens: 300, output_tokens: 18, estimated: false },
			'$0.0021 and 318 tokens',
		],
		[
			{ cost_usd: 0.0021, input_tokens: 300, output_tokens: 18, estimated: true },
			'about $0.0021 and 318 tokens',
		],
		[
			{ cost_usd: null, input_tokens: 300, output_tokens: null, estimated: false },
			'300 tokens, price unknown',
		],
		[
			{ cost_usd: 2, cost: 1.84, currency: 'EUR', input_tokens: null, output_tokens: null },
			'€1.84',
		],
		[{ cost_usd: 0.00001, input_tokens: null, output_tokens: null }, 'less than $0.0001'],
	])('names a hit first, with what it saved', async (saved, told) => {
		const found = { ...hit('k1', stored('blue')), saved: { ...saved, seconds: 1 } };
		const n8n = new FakeN8n(() => new FakeModel()).reply('/v1/lookup', found);
		await ask(await n8n.supply());
		expect(Object.entries(n8n.receipts[0]!)[0]).toEqual([
			'result',
			`Answered from the cache, saved ${told}`,
		]);
	});
});

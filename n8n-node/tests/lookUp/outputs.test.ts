import type { IDataObject } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { CACHE_TYPE } from '../fakes/execution';
import { sidecar } from '../fakes/freshSidecar';
import { fromQuestion, lookUpOf, questions } from '../fakes/lookUp';
import { hit } from '../fakes/sidecar';

describe('outputs', () => {
	it('sends what is not known to Miss, and the stored item to Hit', async () => {
		sidecar.knows({ old: { text: 'stored', deep: [1] } });
		const [misses, hits] = await lookUpOf(questions('new', 'old')).run('Look Up', fromQuestion);

		expect(misses!.map(({ json, pairedItem }) => [json, pairedItem])).toMatchObject([
			[{ id: 0, question: 'new' }, { item: 0 }],
		]);
		// A Code node that passes its items on takes no other fields beside json.
		expect(Object.keys(misses![0]!)).toEqual(['json', 'pairedItem']);
		expect(hits!.map(({ json, pairedItem }) => [json, pairedItem])).toEqual([
			[
				{
					text: 'stored',
					deep: [1],
					_cache: { status: 'hit', key: 'key of "old"', match: 'exact', age_seconds: 2.5 },
				},
				{ item: 1 },
			],
		]);
	});

	it('gives every repeat of a known question the answer that came once', async () => {
		const repeat: IDataObject = { ...hit('k', {}), duplicate_of: 1 };
		delete repeat.response;
		const items = [hit('other', { text: 'B' }), hit('k', { text: 'A' }), repeat];
		sidecar.on('POST /v1/lookup/batch', { body: { items } });
		const made = lookUpOf(questions('b', 'a', 'a'), { options: { receipt: false } });
		const [, hits] = await made.run('Look Up', fromQuestion);
		expect(hits!.map(({ json }) => json)).toEqual([{ text: 'B' }, { text: 'A' }, { text: 'A' }]);
	});

	it('asks again for answers that were too much for one reply', async () => {
		sidecar.on('POST /v1/lookup/batch', ({ body }) => ({
			body: {
				items: (body.items as IDataObject[]).map(({ prompt }, at) =>
					at === 0
						? hit(`k${at}`, { text: `the answer to ${prompt as string}` })
						: { status: 'pending', key: `k${at}`, retry_after: 0 },
				),
			},
		}));
		const made = lookUpOf(questions('a', 'b', 'c'), { options: { receipt: false } });
		const [misses, hits] = await made.run('Look Up', fromQuestion);
		expect(misses).toEqual([]);
		expect(hits!.map(({ json }) => json.text)).toEqual(
			['a', 'b', 'c'].map((prompt) => `the answer to ${prompt}`),
		);
	});

	it('leaves the receipt out when it is not wanted', async () => {
		sidecar.knows({ old: { text: 'stored' } });
		const made = lookUpOf(questions('old'), { options: { receipt: false } });
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
		const found = { ...hit('k', { text: 'a' }), match: 'semantic', similarity: 0.97, saved };
		sidecar.on('POST /v1/lookup/batch', { body: { items: [found] } });
		const [, hits] = await lookUpOf(questions('q')).run('Look Up', fromQuestion);
		expect(hits![0]!.json._cache).toEqual({
			status: 'hit',
			key: 'k',
			match: 'semantic',
			similarity: 0.97,
			age_seconds: 2.5,
			saved: { usd: 0.002, tokens: 15, milliseconds: 1235, estimated: false },
		});
	});

	it('tells what was saved in the configured currency, in the receipts and as a hint', async () => {
		const rest = { input_tokens: 10, output_tokens: 5, seconds: 1, estimated: false };
		const saved = { cost_usd: 0.002, cost: 0.0018, currency: 'EUR', ...rest };
		const items = [
			{ ...hit('k', { text: 'a' }), saved },
			{ ...hit('l', { text: 'b' }), saved },
			{ ...hit('m', { text: 'c' }), saved: { ...saved, cost_usd: null, cost: undefined } },
		];
		sidecar.on('POST /v1/lookup/batch', { body: { items } });
		const made = lookUpOf(questions('a', 'b', 'c'));
		const [, hits] = await made.run('Look Up', fromQuestion);
		expect(hits!.map(({ json }) => (json._cache as IDataObject).saved)).toMatchObject([
			{ usd: 0.002, cost: 0.0018, currency: 'EUR', tokens: 15 },
			{ usd: 0.002, cost: 0.0018, currency: 'EUR', tokens: 15 },
			{ usd: null, cost: null, currency: 'EUR' },
		]);
		expect(made.hints.map(({ message }) => message)).toEqual([
			'3 items: 3 known (saved €0.0036), 0 asked.',
		]);
	});

	it('keeps money and tokens unknown where they are', async () => {
		const saved = {
			cost_usd: null,
			input_tokens: null,
			output_tokens: null,
			seconds: null,
			estimated: false,
		};
		sidecar.on('POST /v1/lookup/batch', {
			body: { items: [{ ...hit('k', 'plain text'), saved }] },
		});
		const [, hits] = await lookUpOf(questions('q')).run('Look Up', fromQuestion);
		expect(hits![0]!.json).toMatchObject({
			response: 'plain text',
			_cache: { saved: { usd: null, tokens: null, milliseconds: null } },
		});
	});

	it('lets only the first of equal misses through', async () => {
		sidecar.knows({});
		const items = questions('a', 'b', 'a', 'a');
		const [misses, hits, parked] = await lookUpOf(items).run('Look Up', fromQuestion);
		expect(misses!.map(({ json }) => json.id)).toEqual([0, 1]);
		expect(hits).toEqual([]);
		expect(parked!.map(({ json, pairedItem }) => [json.id, pairedItem])).toEqual([
			[2, { item: 2 }],
			[3, { item: 3 }],
		]);
	});

	it('is one list for an AI agent that uses it as a tool', async () => {
		sidecar.knows({ old: { text: 'stored' } });
		const made = lookUpOf(questions('old', 'new'), {}, `${CACHE_TYPE}Tool`);
		const outputs = await made.run('Look Up', fromQuestion);
		expect(outputs).toHaveLength(1);
		expect(outputs[0]!.map(({ json }) => json.text ?? json.question)).toEqual(['new', 'stored']);
	});
});

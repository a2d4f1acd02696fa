import type { IDataObject } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { AskedModel, questions as asking, run } from './chain/fakes';
import { sidecar } from './fakes/freshSidecar';
import { fromQuestion, lookUpOf, questions } from './fakes/lookUp';
import { DIFFERS, hit, problem, replayed } from './fakes/sidecar';
import { FakeModel, FakeN8n, FakeStreamingModel, message, stored } from './model/fakes';

const TITLE = 'This question is not in the cassette';
const SAID = `${DIFFERS.replace('this', 'This')}.`;

/** What the chain's questions are looked up by. */
const messageOf = (text: string) => JSON.stringify([{ role: 'user', content: text }]);

describe('Look Up, where a cassette is replayed', () => {
	it.each(['continue', 'stop'])('fails at the item that is not in it, told to %s', async (way) => {
		sidecar.on('POST /v1/lookup/batch', replayed({ known: { text: 'stored' } }));
		const made = lookUpOf(questions('known', 'new'), { freshness: { unreachable: way } });
		await expect(made.run('Look Up', fromQuestion)).rejects.toMatchObject({
			name: 'NodeApiError',
			message: `Item 1: ${TITLE}`,
			description: SAID,
			httpCode: '424',
			context: { itemIndex: 1 },
		});
		expect(made.hints).toEqual([]);
	});

	it('says what stands for the settings of the AI nodes', async () => {
		const detail = 'not recorded. The nearest differs in attributes.n8n.aiNodes';
		const errors = [{ loc: ['items', 0], msg: detail }];
		sidecar.on('POST /v1/lookup/batch', problem(424, 'not-recorded', { detail, errors }));
		await expect(lookUpOf(questions('a')).run('Look Up', fromQuestion)).rejects.toMatchObject({
			description: expect.stringContaining('"n8n.aiNodes" stands for the settings of the AI nodes'),
		});
	});

	it('leads no item to the model where it continues on fail', async () => {
		sidecar.on('POST /v1/lookup/batch', replayed({ known: { text: 'stored' } }));
		const made = lookUpOf(questions('new', 'known', 'other'));
		made.continueOnFail = true;
		const [misses, hits] = await made.run('Look Up', fromQuestion);
		expect(misses).toEqual([]);
		expect(hits!.map(({ json }) => json.error ?? json.text)).toEqual([
			`Item 0: ${TITLE}`,
			'stored',
			`Item 2: ${TITLE}`,
		]);
		expect(hits!.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
	});

	it('takes what is in it, though the model was to be asked again', async () => {
		sidecar.on('POST /v1/lookup/batch', replayed({ known: { text: 'stored' } }));
		const made = lookUpOf(questions('known'), { refresh: true });
		const [misses, hits] = await made.run('Look Up', fromQuestion);
		expect(misses).toEqual([]);
		expect(hits).toHaveLength(1);
		expect(sidecar.received[0]!.body.items).toMatchObject([{ max_age: 0 }]);
	});
});

describe('Prompt Cache Chain, where a cassette is replayed', () => {
	it.each(['continue', 'stop'])('fails at the item that is not in it, told to %s', async (way) => {
		const model = new AskedModel();
		sidecar.on('POST /v1/lookup/batch', replayed({ [messageOf('known')]: stored('stored') }));
		const parameters = { options: { unreachable: way } };
		const running = run({ models: model, items: asking('known', 'new') }, parameters);
		await expect(running).rejects.toMatchObject({
			message: `Item 1: ${TITLE}`,
			description: SAID,
			context: { itemIndex: 1 },
		});
		expect(model.asked).toEqual([]);
	});

	it('asks no model where it continues on fail', async () => {
		const model = new AskedModel();
		sidecar.on('POST /v1/lookup/batch', replayed({ [messageOf('known')]: stored('stored') }));
		const items = asking('new', 'known');
		const made = await run({ models: model, items, continueOnFail: true });
		expect(made.items.map(({ json }) => json.error ?? json.text)).toEqual([
			`Item 0: ${TITLE}`,
			'stored',
		]);
		expect(model.asked).toEqual([]);
	});

	it('asks no model in the place of an answer that cannot be read', async () => {
		const model = new AskedModel();
		sidecar.on('POST /v1/lookup/batch', replayed({ [messageOf('hi')]: { strange: true } }));
		await expect(run({ models: model })).rejects.toMatchObject({
			message: 'The answer in the cassette cannot be used here',
			context: { itemIndex: 0 },
		});
		expect(model.asked).toEqual([]);
	});
});

describe('Prompt Cache Model, where a cassette is replayed', () => {
	const notRecorded = problem(424, 'not-recorded', { detail: DIFFERS }).body as IDataObject;
	const ask = async (n8n: FakeN8n) =>
		await (await n8n.supply())._generate([message('human', 'hi')], {});

	it.each([[{}], [{ mode: 'refresh' }]])('fails where it is not in it, with %o', async (options) => {
		const model = new FakeModel();
		const n8n = new FakeN8n(model, options).reply('/v1/lookup', notRecorded);
		await expect(ask(n8n)).rejects.toMatchObject({
			name: 'NodeApiError',
			message: TITLE,
			description: SAID,
		});
		expect(model.calls).toBe(0);
		expect(n8n.hints).toEqual([]);
		expect(n8n.receipts).toEqual([
			expect.objectContaining({
				status: 'not_recorded',
				result: `Not in the cassette, and no model was asked. ${SAID}`,
			}),
		]);
	});

	it('fails as a stream too', async () => {
		const model = new FakeStreamingModel();
		const n8n = new FakeN8n(model).reply('/v1/lookup', notRecorded);
		const chunks = (await n8n.supply())._streamResponseChunks!([message('human', 'hi')], {});
		await expect(chunks.next()).rejects.toMatchObject({ message: TITLE });
		expect(model.calls).toBe(0);
	});

	it('fails again at each try, and leaves the cache as it is', async () => {
		const models: FakeModel[] = [];
		const connected = () => models[models.push(new FakeModel()) - 1];
		const n8n = new FakeN8n(connected).reply('/v1/lookup', notRecorded);
		for (let tries = 0; tries < 2; tries++) {
			await expect(ask(n8n)).rejects.toThrow(TITLE);
			await n8n.end();
		}
		await n8n.finish(new Error(TITLE));
		expect(models.map(({ calls }) => calls)).toEqual([0, 0]);
		expect(n8n.bodies('/v1/invalidate')).toEqual([]);
	});

	it('takes what is in it, though the model was to be asked again', async () => {
		const model = new FakeModel();
		const recorded = { ...hit('k1', stored('recorded')), age: 0 };
		const n8n = new FakeN8n(model, { mode: 'refresh' }).reply('/v1/lookup', recorded);
		expect((await ask(n8n)).generations[0]!.text).toBe('recorded');
		expect(n8n.bodies('/v1/lookup')).toMatchObject([{ max_age: 0 }]);
		expect(model.calls).toBe(0);
	});

	it('asks no model in the place of an answer that cannot be read', async () => {
		const model = new FakeModel();
		const n8n = new FakeN8n(model).reply('/v1/lookup', hit('k1', { strange: true }));
		await expect(ask(n8n)).rejects.toThrow('The answer in the cassette cannot be used here');
		expect(n8n.bodies('/v1/lookup')[1]).toMatchObject({ max_age: 0 });
		expect(model.calls).toBe(0);
	});
});

import type { IDataObject } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { sidecar } from '../fakes/freshSidecar';
import { fromQuestion, lookUpOf, questions } from '../fakes/lookUp';
import { FakeSidecar, problem } from '../fakes/sidecar';

async function unusedAddress(): Promise<string> {
	const gone = await new FakeSidecar().start();
	const { url } = gone;
	await gone.stop();
	return url;
}

describe('what goes wrong', () => {
	it.each([
		['prompt', 'The prompt is empty'],
		['messages', 'The messages are not a list'],
		['item', 'The item has no fields to look up'],
	])('is told where there is nothing to look up as %s', async (question, message) => {
		const made = lookUpOf([{ json: {} }], { question, messages: 'no list' });
		await expect(made.run('Look Up', fromQuestion)).rejects.toMatchObject({
			message,
			context: { itemIndex: 0 },
		});
		expect(sidecar.received).toEqual([]);
	});

	it('goes to Miss once for each question when the cache is down', async () => {
		const made = lookUpOf(questions('a', 'b', 'a'));
		made.credentials.baseUrl = await unusedAddress();
		const [misses, , parked] = await made.run('Look Up', fromQuestion);
		expect(misses!.map(({ json }) => json)).toEqual([
			{ id: 0, question: 'a' },
			{ id: 1, question: 'b' },
		]);
		expect(parked).toHaveLength(1);
		expect(made.hints.map(({ message }) => message)).toEqual([
			expect.stringContaining('nothing listens there. All went to Miss'),
			expect.stringContaining('3 items: 0 known, 2 asked, 1 repeated'),
		]);
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
		const tolerant = lookUpOf(questions('q'), { freshness: { timeout: 0.1 } });
		const [misses] = await tolerant.run('Look Up', fromQuestion);
		expect(misses).toHaveLength(1);

		const strict = lookUpOf(questions('q'), { freshness: { timeout: 0.1, unreachable: 'stop' } });
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
		const failed = lookUpOf(questions('q')).run('Look Up', fromQuestion);
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
			lookUpOf(questions('fine', 'bad')).run('Look Up', fromQuestion),
		).rejects.toMatchObject({
			message: 'Item 1: attributes, x: expected a text',
			context: { itemIndex: 1 },
		});
	});

	it('costs only the items concerned when the node continues on fail', async () => {
		sidecar.on('POST /v1/lookup/batch', rejectsBad);
		const made = lookUpOf(questions('a', 'bad', '', 'b', 'bad', 'a'));
		made.continueOnFail = true;
		const [misses, , parked] = await made.run('Look Up', fromQuestion);
		expect(misses!.map(({ json }) => json.error ?? json.question)).toEqual([
			'a',
			'Item 1: attributes, x: expected a text',
			'The prompt is empty',
			'b',
			'Item 4: attributes, x: expected a text',
		]);
		expect(misses!.map(({ pairedItem }) => pairedItem)).toMatchObject(
			[0, 1, 2, 3, 4].map((item) => ({ item })),
		);
		expect(parked!.map(({ json }) => json.id)).toEqual([5]);
	});
});

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { beforeEach, describe, expect, it } from 'vitest';

import { CACHE_TYPE, Execution } from './fakes/execution';
import { sidecar } from './fakes/freshSidecar';
import { LOOK_UP, questions } from './fakes/lookUp';
import { hit, likeHit, problem } from './fakes/sidecar';

/** Look Up, AI and Store, with a page that people rate answers on behind them. */
function rating(operation = 'reject', more: IDataObject = {}): Execution {
	const parameters = { resource: 'answer', operation, ...more };
	const made = new Execution(
		{
			Question: {},
			'Look Up': { type: CACHE_TYPE, parameters: { ...LOOK_UP, namespace: 'support' } },
			AI: {},
			Store: { type: CACHE_TYPE, parameters: { resource: 'answer', operation: 'store' } },
			Page: {},
			Rate: { type: CACHE_TYPE, parameters },
		},
		[
			{ from: 'Question', to: 'Look Up' },
			{ from: 'Look Up', to: 'AI' },
			{ from: 'AI', to: 'Store' },
			{ from: 'Look Up', to: 'Store', output: 1, input: 1 },
			{ from: 'Store', to: 'Page' },
			{ from: 'Page', to: 'Rate' },
		],
	);
	made.credentials.baseUrl = sidecar.url;
	return made;
}

const from = (previousNode: string, previousNodeOutput = 0, previousNodeRun = 0) => ({
	previousNode,
	previousNodeOutput,
	previousNodeRun,
});

/** What comes of the questions, rated one by one on the page. */
async function rated(made: Execution, items: INodeExecutionData[]): Promise<IDataObject[]> {
	const [misses, hits] = await made.put('Question', [items]).run('Look Up', from('Question'));
	const answers = misses!.map((_, item) => ({ json: { text: 'new' }, pairedItem: { item } }));
	made.put('AI', [answers], from('Look Up'));
	const [stored] = await made.run(
		'Store',
		misses!.length > 0 ? from('AI') : null,
		hits!.length > 0 ? from('Look Up', 1) : null,
	);
	// The page keeps nothing of an item but its place.
	made.put('Page', [stored!.map((_, item) => ({ json: {}, pairedItem: { item } }))], from('Store'));
	const [output] = await made.run('Rate', from('Page'));
	return output!.map(({ json }) => json);
}

function sent(): Array<[string, IDataObject]> {
	return sidecar.received
		.filter(({ path }) => path.startsWith('/v1/entries/'))
		.map(({ path, body }) => [path, body]);
}

beforeEach(() => {
	sidecar.stores().on('POST /v1/lookup/batch', {
		body: {
			items: [
				{ status: 'miss', key: 'new', ticket: 't', reason: 'not_found' },
				likeHit('like', { text: 'like' }),
				hit('same', { text: 'same' }),
			],
		},
	});
	for (const key of ['new', 'key%20of%20the%20other', 'same']) {
		for (const verdict of ['accept', 'reject']) {
			sidecar.on(`POST /v1/entries/${key}/${verdict}`, { body: { deleted: 1 } });
		}
	}
});

const ASKED = { prompt: 'I forgot it', namespace: 'support' };
/** All that was looked up is in the key of the question. */
const LOOKED_UP = { ...ASKED, attributes: { 'n8n.aiNodes': expect.any(String) as string } };

describe('Reject', () => {
	it('finds the answer of each item, and the question that it was wrong for', async () => {
		expect(await rated(rating(), questions('a', 'I forgot it', 'c'))).toEqual([
			{ rejected: true, key: 'new' },
			{ rejected: true, key: 'key of the other' },
			{ rejected: true, key: 'same' },
		]);
		expect(sent()).toEqual([
			['/v1/entries/new/reject', { request: null }],
			['/v1/entries/key%20of%20the%20other/reject', { request: LOOKED_UP }],
			['/v1/entries/same/reject', { request: null }],
		]);
	});

	it('finds the answer of a repeat', async () => {
		const miss = { status: 'miss', key: 'new', ticket: 't', reason: 'not_found' };
		sidecar.on('POST /v1/lookup/batch', { body: { items: [miss, miss] } });
		const found = await rated(rating(), questions('a', 'a'));
		expect(found.map(({ key }) => key)).toEqual(['new', 'new']);
	});

	it('finds it right behind Look Up too', async () => {
		const made = rating().put('Question', [questions('a', 'I forgot it', 'c')]);
		await made.run('Look Up', from('Question'));
		const [output] = await made.run('Rate', from('Look Up', 1));
		expect(output!.map(({ json }) => json.key)).toEqual(['key of the other', 'same']);
	});

	it('says so where the answer was not kept, or is gone', async () => {
		const items = [{ key: 'new', stored: false, reason: 'empty_response' }];
		sidecar.on('POST /v1/store/batch', { body: { items } });
		sidecar.on('POST /v1/entries/same/reject', problem(404, 'unknown-key'));
		const [fresh, , same] = await rated(rating(), questions('a', 'I forgot it', 'c'));
		expect(fresh).toEqual({ rejected: false, reason: 'not_kept' });
		expect(same).toEqual({ rejected: false, reason: 'unknown_key', key: 'same' });
	});

	it('fails where the cache server does not do it, and where no answer of the cache is behind', async () => {
		sidecar.on('POST /v1/entries/new/reject', problem(403, 'forbidden'));
		await expect(rated(rating(), questions('a', 'I forgot it', 'c'))).rejects.toThrow(
			'The token does not allow this',
		);
		const made = rating().put('Page', [[{ json: {} }]]);
		await expect(made.run('Rate', from('Page'))).rejects.toMatchObject({
			message: 'No answer of the cache was found for this item',
			description: expect.stringContaining('"By Key"') as string,
		});
	});

	it('leaves the answer alone of which the question was made, where that to the question was not kept', async () => {
		const made = rating().put('Question', [questions('a', 'I forgot it', 'c')]);
		await made.run('Look Up', from('Question'));
		// Another answer is made of the one that was found.
		made.put('Page', [[{ json: {}, pairedItem: { item: 0 } }]], from('Look Up', 1));
		made.noteOn('Page', { promptCache: { answers: [['not_kept']] } });
		const [output] = await made.run('Rate', from('Page'));
		expect(output!.map(({ json }) => json)).toEqual([{ rejected: false, reason: 'not_kept' }]);
	});

	it('guesses nothing where an item was made of several answers', async () => {
		const made = rating().put('Question', [questions('a', 'I forgot it', 'c')]);
		await made.run('Look Up', from('Question'));
		const joined = [{ json: {}, pairedItem: [{ item: 0 }, { item: 1 }] }];
		made.put('Page', [joined], from('Look Up', 1));
		await expect(made.run('Rate', from('Page'))).rejects.toThrow(
			'The item could have its answer from several places',
		);
	});

	it('takes a key of another execution, with its question or without', async () => {
		const byKey = { which: 'key', key: 'same' };
		const run = async (more: IDataObject) => {
			const made = rating('reject', { ...byKey, ...more }).put('Page', [[{ json: {} }]]);
			const [output] = await made.run('Rate', from('Page'));
			return output![0]!.json;
		};
		expect(await run({})).toEqual({ rejected: true, key: 'same' });
		await run({ request: JSON.stringify(ASKED) });
		await run({ request: ASKED });
		expect(sent().map(([, body]) => body)).toEqual([
			{ request: null },
			{ request: ASKED },
			{ request: ASKED },
		]);
		await expect(run({ request: '[1' })).rejects.toThrow('The request is no JSON object');
		await expect(run({ key: ' ' })).rejects.toThrow('The key is empty');
	});
});

describe('Accept', () => {
	it('makes the question one that the answer fits, where it was made for another', async () => {
		expect(await rated(rating('accept'), questions('a', 'I forgot it', 'c'))).toEqual([
			{ accepted: false, reason: 'same_question', key: 'new' },
			{ accepted: true, key: 'key of the other' },
			{ accepted: false, reason: 'same_question', key: 'same' },
		]);
		expect(sent()).toEqual([['/v1/entries/key%20of%20the%20other/accept', { request: LOOKED_UP }]]);
	});

	it('asks for the question where it is given a key', async () => {
		const byKey = { which: 'key', key: 'same' };
		const made = rating('accept', byKey).put('Page', [[{ json: {} }]]);
		await expect(made.run('Rate', from('Page'))).rejects.toThrow('The request is missing');
	});
});

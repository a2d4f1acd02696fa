import type { IDataObject } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { like, whyNot } from '../../shared/likeness';
import { sidecar } from '../fakes/freshSidecar';
import { fromQuestion, lookUpOf, questions } from '../fakes/lookUp';
import { hit, likeHit, NEAR_MISS, NEAR_MISS_RECEIPT, problem } from '../fakes/sidecar';

async function sent(matching: IDataObject): Promise<IDataObject> {
	sidecar.knows({});
	await lookUpOf(questions('q'), { matching }).run('Look Up', fromQuestion);
	const [item] = sidecar.received.at(-1)!.body.items as IDataObject[];
	return item!;
}

const MISS = { status: 'miss', key: 'k', ticket: 't' };

describe('how a question is matched', () => {
	it.each([
		[{}, {}],
		[{ match: 'namespace', threshold: 0.9 }, {}],
		[{ match: 'exact', threshold: 0.9 }, { match: 'exact' }],
		[{ match: 'semantic' }, { match: 'semantic' }],
		[
			{ match: 'semantic', threshold: 0.9, explain: true },
			{ match: 'semantic', threshold: 0.9, explain: true },
		],
		[{ explain: false }, {}],
	])('is asked for as it was chosen: %o', async (matching, expected) => {
		const { match, threshold, explain } = await sent(matching);
		expect({ match, threshold, explain }).toEqual(expected);
	});

	it('is told in plain words where the cache server cannot do it', async () => {
		const msg = 'semantic matching needs an embedder, and none is configured here; use `exact`';
		sidecar.on('POST /v1/lookup/batch', ({ body }) => {
			const errors = (body.items as unknown[]).map((_, at) => ({
				loc: ['items', at, 'match'],
				msg,
			}));
			return problem(400, 'invalid-request', { detail: `items.0.match: ${msg}`, errors });
		});
		const asking = lookUpOf(questions('a', 'b'), { matching: { match: 'semantic' } });
		await expect(asking.run('Look Up', fromQuestion)).rejects.toMatchObject({
			message: 'Item 0: This cache server does not match by similar meaning here',
			description: expect.stringContaining('Choose "Same Question"') as string,
		});
	});

	it('is told in plain words where the threshold is too low', async () => {
		const errors = [{ loc: ['items', 0, 'threshold'], msg: 'below that of the namespace, 0.8' }];
		sidecar.on('POST /v1/lookup/batch', problem(400, 'invalid-request', { errors }));
		const asking = lookUpOf(questions('a'), { matching: { match: 'semantic', threshold: 0.1 } });
		await expect(asking.run('Look Up', fromQuestion)).rejects.toMatchObject({
			message: 'Item 0: The similarity threshold cannot be used here',
			description: expect.stringContaining('Below that of the namespace, 0.8') as string,
		});
	});
});

describe('an answer to a similar question', () => {
	it('comes with the question that it was made for', async () => {
		sidecar.on('POST /v1/lookup/batch', { body: { items: [likeHit('k', { text: 'A' })] } });
		const made = lookUpOf(questions('I forgot my password'));
		const [, hits] = await made.run('Look Up', fromQuestion);
		expect(hits![0]!.json._cache).toMatchObject({
			match: 'semantic',
			similarity: 0.934,
			matched: { question: 'How do I reset my password?', key: 'key of the other' },
			key: 'k',
		});
		expect(made.hints.map(({ message }) => message)).toEqual([
			'Answered by meaning, 93% like: How do I reset my password?',
		]);
	});

	it('is counted among many', async () => {
		const items = [likeHit('a', {}), hit('b', {}), likeHit('c', {})];
		sidecar.on('POST /v1/lookup/batch', { body: { items } });
		const made = lookUpOf(questions('a', 'b', 'c'));
		await made.run('Look Up', fromQuestion);
		expect(made.hints.map(({ message }) => message)).toContain(
			'2 of 3 answered by meaning. The first: 93% like: How do I reset my password?',
		);
	});

	it('is never said to be 100% like, and is told in one line', () => {
		expect(like({ similarity: 0.9999, question: ' a\n\nb ' })).toBe('99% like: a b');
		expect(like({ similarity: 0.29, question: 'x'.repeat(500) })).toBe(
			`29% like: ${'x'.repeat(120)}...`,
		);
	});
});

describe('a miss that is explained', () => {
	it('tells in the editor and in the receipt what came near', async () => {
		const miss = { ...MISS, reason: 'guard:antonyms', explanation: NEAR_MISS };
		sidecar.on('POST /v1/lookup/batch', { body: { items: [miss] } }).stores();
		const made = lookUpOf(questions('How do I disable 2FA?'), { matching: { explain: true } });
		const [misses] = await made.run('Look Up', fromQuestion);
		expect(misses![0]!.json).toEqual({ id: 0, question: 'How do I disable 2FA?' });
		expect(made.hints.map(({ message }) => message)).toContain(
			'Why a question was a miss: nearest is 96% like: How do I enable 2FA? (antonyms: disable and enable).',
		);
		const [stored] = await made.run('Store', { previousNode: 'Look Up' });
		expect(stored![0]!.json._cache).toMatchObject({
			reason: 'guard:antonyms',
			explanation: NEAR_MISS_RECEIPT,
		});
	});

	it.each([
		[{ searched: true, nearest: [] }, 'no earlier question comes near'],
		[{ searched: false, why_not: 'the text is too long' }, 'the text is too long'],
		[{ searched: false }, 'no earlier question is the same'],
		[
			{ searched: true, differs: [{ key: 'k', fields: ['question'] }] },
			'no earlier question comes near',
		],
		[
			{ searched: false, differs: [{ key: 'k', fields: ['system', 'params.temperature'] }] },
			'it was asked before, with another system, params.temperature',
		],
		[
			{ searched: true, differs: [{ key: 'k', fields: ['attributes.n8n.aiNodes', 'question'] }] },
			'no earlier question comes near that has the same setup of the AI nodes',
		],
		[
			{ searched: true, differs: [{ key: 'k', fields: ['attributes.n8n.runs', 'model'] }] },
			'it was asked before, with another kind of run (in the editor, or in production), model',
		],
		[
			{ ...NEAR_MISS, threshold: 0.98 },
			'nearest is 96% like: How do I enable 2FA? (below the threshold of 98%)',
		],
		[
			{ ...NEAR_MISS, nearest: [{ ...NEAR_MISS.nearest[0]!, known: 'different' as const }] },
			'nearest is 96% like: How do I enable 2FA? (it was said that they are different)',
		],
	])('is a sentence: %o', (explanation, sentence) => {
		expect(whyNot(explanation)).toBe(sentence);
	});
});

describe('an answer that is withheld', () => {
	it.each([
		['shadow', 'the namespace is only watched: shadow'],
		['not_proven', 'too little is known of such pairs yet: max_error'],
		['other', 'not given'],
	])('is told of: %s', (reason, told) => {
		const nearest = [{ ...NEAR_MISS.nearest[0]!, verdicts: [] }];
		expect(whyNot({ ...NEAR_MISS, nearest }, reason)).toBe(
			`nearest is 96% like: How do I enable 2FA? (${told})`,
		);
	});

	it('is told of for the first of several', async () => {
		const miss = { ...MISS, reason: 'guard:antonyms', explanation: NEAR_MISS };
		sidecar.on('POST /v1/lookup/batch', { body: { items: [miss, { ...miss, key: 'l' }] } });
		const made = lookUpOf(questions('a', 'b'), { matching: { explain: true } });
		await made.run('Look Up', fromQuestion);
		expect(made.hints.map(({ message }) => message)).toContainEqual(
			expect.stringMatching(/^Why the first of 2 was a miss: nearest is 96% like/),
		);
	});
});

describe('an embedder that is away', () => {
	it('is told of, and the question goes to Miss', async () => {
		const miss = { ...MISS, reason: 'embedder_unavailable' };
		sidecar.on('POST /v1/lookup/batch', { body: { items: [miss] } });
		const made = lookUpOf(questions('q'));
		const [misses] = await made.run('Look Up', fromQuestion);
		expect(misses).toHaveLength(1);
		expect(made.hints.map(({ message, type }) => [type, message])).toEqual([
			['warning', expect.stringContaining('The embedder of the cache server did not answer')],
		]);
	});
});

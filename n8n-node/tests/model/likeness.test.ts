import { describe, expect, it } from 'vitest';

import type { ChatModel } from '../../shared/langchain/chatModel';
import { likeHit, NEAR_MISS, NEAR_MISS_RECEIPT } from '../fakes/sidecar';
import { FakeModel, FakeN8n, message, stored } from './fakes';

const LIKE = '93% like: How do I reset my password?';

async function textOf(model: ChatModel): Promise<string> {
	return (await model._generate([message('human', 'hi')], {})).generations[0]!.text;
}

describe('an answer to a similar question', () => {
	it('is given, and the log says what it was made for', async () => {
		const options = { match: 'semantic', threshold: 0.9 };
		const model = new FakeModel();
		const n8n = new FakeN8n(model, options).reply('/v1/lookup', likeHit('k', stored('known')));
		expect(await textOf(await n8n.supply())).toBe('known');
		expect(model.calls).toBe(0);
		expect(n8n.bodies('/v1/lookup')).toMatchObject([options]);
		expect(n8n.receipts).toMatchObject([
			{ result: `Answered from the cache (${LIKE})`, match: 'semantic', similarity: 0.934 },
		]);
		expect(n8n.hints.map((hint) => hint.message)).toEqual([`Answered by meaning, ${LIKE}`]);
	});

	it('is taken out under its own key, where the output parser refuses it', async () => {
		const n8n = new FakeN8n(new FakeModel()).reply('/v1/lookup', likeHit('k', stored('known')));
		await textOf(await n8n.supply());
		n8n.parsed('known', new Error('no JSON'));
		await n8n.end();
		expect(n8n.bodies('/v1/invalidate')).toEqual([{ key: 'key of the other' }]);
	});

	it('is not asked for by who does not ask for it', async () => {
		const n8n = new FakeN8n(new FakeModel()).misses();
		await textOf(await n8n.supply());
		const [lookup] = n8n.bodies('/v1/lookup');
		expect(Object.keys(lookup!)).not.toEqual(
			expect.arrayContaining([expect.stringMatching(/^(match|threshold|explain)$/)]),
		);
	});
});

describe('a miss', () => {
	it('is explained in the log', async () => {
		const miss = { status: 'miss', key: 'k', reason: 'guard:antonyms', explanation: NEAR_MISS };
		const n8n = new FakeN8n(new FakeModel(), { explain: true }).reply('/v1/lookup', miss);
		await textOf(await n8n.supply());
		expect(n8n.receipts).toMatchObject([
			{ reason: 'guard:antonyms', explanation: NEAR_MISS_RECEIPT },
		]);
		expect(n8n.hints.map((hint) => hint.message)).toEqual([
			expect.stringContaining('nearest is 96% like: How do I enable 2FA?'),
		]);
	});

	it('for want of an embedder asks the model, and says so', async () => {
		const miss = { status: 'miss', key: 'k', reason: 'embedder_unavailable' };
		const n8n = new FakeN8n(new FakeModel({}, 'new')).reply('/v1/lookup', miss);
		expect(await textOf(await n8n.supply())).toBe('new');
		expect(n8n.hints.map(({ type }) => type)).toEqual(['warning']);
	});

	it('by a cache server without an embedder asks the model, and says what to do', async () => {
		const errors = [{ loc: ['match'], msg: 'semantic matching needs an embedder' }];
		const type = 'urn:prompt-cache:problem:invalid-request';
		const n8n = new FakeN8n(new FakeModel({}, 'new'), { match: 'semantic' }).reply('/v1/lookup', {
			type,
			status: 400,
			errors,
		});
		expect(await textOf(await n8n.supply())).toBe('new');
		expect(n8n.hints[0]!.message).toMatch(/does not match by similar meaning.*"Same Question"/);
	});
});

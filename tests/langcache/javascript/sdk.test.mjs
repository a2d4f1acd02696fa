/** The official SDK in JavaScript: its operations, and its errors as their own classes. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { LangCache } from '@redis-ai/langcache';
import * as errors from '@redis-ai/langcache/models/errors';

const at = (cacheId, apiKey = 'ours-token', serverURL = process.env.CACHE_SERVER_URL) =>
	new LangCache({ serverURL, cacheId, apiKey });
const fresh = () => at(`ours-${randomUUID().slice(0, 12)}`);

test('set, search, delete and flush', async () => {
	const cache = fresh();
	const attributes = { tenant: 'a,b/c ü' };
	assert.deepEqual((await cache.search({ prompt: 'Hours?' })).data, []);
	const { entryId } = await cache.set({ prompt: 'Hours?', response: 'at nine', attributes, ttlMillis: 60000 });
	const found = await cache.search({ prompt: 'Hours?', attributes, searchStrategies: ['exact', 'semantic'] });
	assert.deepEqual(found.data, [
		{ id: entryId, prompt: 'Hours?', response: 'at nine', attributes, similarity: 1, searchStrategy: 'exact' },
	]);
	assert.equal((await cache.deleteQuery({ attributes })).deletedEntriesCount, 1);
	const again = await cache.set({ prompt: 'Hours?', response: 'at nine' });
	await cache.deleteById(again.entryId);
	assert.deepEqual((await cache.search({ prompt: 'Hours?' })).data, []);
	await cache.set({ prompt: 'Hours?', response: 'at nine' });
	await cache.flush();
	assert.deepEqual((await cache.search({ prompt: 'Hours?' })).data, []);
});

const failures = [
	['BadRequest', 400, () => fresh().search({ prompt: '' })],
	['Authentication', 401, () => at('ours', 'a-strangers-token').search({ prompt: 'x' })],
	['Forbidden', 403, () => at('theirs').search({ prompt: 'x' })],
	['NotFound', 404, () => at('no such cache').search({ prompt: 'x' })],
	['NotFound', 404, () => fresh().deleteById('0'.repeat(32))],
	['PayloadTooLarge', 413, () => fresh().set({ prompt: 'x', response: 'y'.repeat(400_000) })],
	['ResourceUnavailable', 424, () => fresh().search({ prompt: 'x', searchStrategies: ['semantic'] })],
	...[
		['away', 'ResourceUnavailable', 424],
		['full', 'ResourceUnavailable', 424],
		['busy', 'TooManyRequests', 429],
		['broken', 'Unexpected', 500],
	].map(([prompt, kind, status]) => [
		kind,
		status,
		() => at('ours', 'x', process.env.FAILING_SERVER_URL).search({ prompt }),
	]),
];

for (const [kind, status, act] of failures) {
	test(`${status}: ${kind} (${act.toString().slice(6, 60)})`, async () => {
		await assert.rejects(act, (error) => {
			assert.ok(error instanceof errors[`${kind}ErrorResponseContent`], `${error.name}: ${error.message}`);
			assert.equal(error.statusCode, status);
			return true;
		});
	});
}

/** Anthropic's own client for Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { askedOnce, asking, CITY, eitherWay, ONLY_KEPT, question, TOOLS, url } from './proxy.mjs';

const client = new Anthropic({ baseURL: `${url}/anthropic`, apiKey: 'sk-ant-1', defaultHeaders: TOOLS });
const said = (asked, more) => ({
	model: 'claude-sonnet-4-5',
	max_tokens: 500,
	messages: [{ role: 'user', content: asked }],
	...more,
});

for (const [name, tools] of [
	['text', []],
	['tool_use', [{ name: 'found', input_schema: CITY }]],
]) {
	const plain = async (asked) => (await client.messages.create(said(asked, { tools }))).content;
	const streamed = async (asked) => (await client.messages.stream(said(asked, { tools })).finalMessage()).content;
	for (const ways of eitherWay(plain, streamed)) {
		test(`a stream is the same answer: ${name}, ${ways.map((way) => way.name).join(', ')}`, async () => {
			const [first, second] = await askedOnce(ways);
			assert.equal(first[0].type, name);
			assert.deepEqual(JSON.parse(JSON.stringify(second)), JSON.parse(JSON.stringify(first)));
		});
	}
}

test('the second answer is the first', async () => {
	const ask = (asked) => client.messages.create(said(asked));
	const [first, second] = await askedOnce([ask, ask]);
	assert.deepEqual(second, first);
});

test('headers tell what happened', async () => {
	const ask = (asked) => client.messages.create(said(asked)).withResponse();
	const [, again] = await askedOnce([ask, ask]);
	assert.match(again.response.headers.get('Cache-Status'), /^prompt-cache; hit; ttl=/);
});

test("what is refused is the client's own error", async () => {
	const asked = question();
	await asking(0, () =>
		assert.rejects(client.messages.create(said(asked), { headers: ONLY_KEPT }), (error) => {
			assert.ok(error instanceof Anthropic.InternalServerError);
			assert.equal(error.error.error.type, 'prompt_cache_only_if_cached');
			return true;
		}),
	);
	await asking(1, () =>
		assert.rejects(
			client.messages.create(said(`fail with 429 ${asked}`), { maxRetries: 0 }),
			(error) => error instanceof Anthropic.RateLimitError && /as told/.test(error.message),
		),
	);
});

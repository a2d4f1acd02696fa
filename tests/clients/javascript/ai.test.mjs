/** Vercel's AI SDK, with its providers OpenAI (both APIs), Anthropic and Google. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, embedMany, generateText, jsonSchema, Output, streamText, tool } from 'ai';
import { askedOnce, asking, CITY, eitherWay, ONLY_KEPT, question, TOOLS, url } from './proxy.mjs';

const openai = createOpenAI({ baseURL: `${url}/openai/v1`, apiKey: 'sk-1' });
const models = {
	'chat completions': openai.chat('gpt-4o-mini'),
	responses: openai('gpt-5-mini'),
	anthropic: createAnthropic({ baseURL: `${url}/anthropic/v1`, apiKey: 'sk-ant-1' })('claude-sonnet-4-5'),
	google: createGoogleGenerativeAI({ baseURL: `${url}/gemini/v1beta`, apiKey: 'g-1' })('gemini-2.5-flash'),
};
const found = tool({ description: 'Tells what was found', inputSchema: jsonSchema(CITY) });

for (const [name, model] of Object.entries(models)) {
	const said = (prompt, more) => ({ model, prompt, maxRetries: 0, ...more });

	for (const ways of eitherWay(
		async (asked) => (await generateText(said(asked))).text,
		async (asked) => {
			let text = '';
			for await (const part of streamText(said(asked)).textStream) text += part;
			return text;
		},
	)) {
		test(`${name}: a stream is the same answer`, async () => {
			const [first, second, third] = await askedOnce([...ways, ways[0]]);
			assert.match(first, /answer/);
			assert.deepEqual([second, third], [first, first]);
		});
	}

	const withTool = { tools: { found }, headers: TOOLS };
	for (const ways of eitherWay(
		async (asked) => (await generateText(said(asked, withTool))).toolCalls,
		async (asked) => await streamText(said(asked, withTool)).toolCalls,
	)) {
		test(`${name}: a call of a tool`, async () => {
			const [first, second] = await askedOnce(ways);
			assert.equal(first[0].toolName, 'found');
			assert.deepEqual(second[0].input, first[0].input);
			assert.equal(typeof first[0].input.population, 'number');
		});
	}

	test(`${name}: structured answers are parsed`, async () => {
		const output = Output.object({ schema: jsonSchema(CITY) });
		const ask = async (asked) => (await generateText(said(asked, { output, headers: TOOLS }))).output;
		const [first, second] = await askedOnce([ask, ask]);
		assert.equal(typeof first.population, 'number');
		assert.deepEqual(second, first);
	});

	test(`${name}: headers tell what happened`, async () => {
		const ask = async (asked) => (await generateText(said(asked))).response.headers['cache-status'];
		const [first, second] = await askedOnce([ask, ask]);
		assert.match(first, /^prompt-cache; fwd=uri-miss/);
		assert.match(second, /^prompt-cache; hit; ttl=/);
	});

	test(`${name}: what is refused is an error of its own`, async () => {
		const asked = question();
		await asking(0, () =>
			assert.rejects(generateText(said(asked, { headers: ONLY_KEPT })), (error) => {
				assert.ok(APICallError.isInstance(error));
				assert.equal(error.statusCode, 504);
				assert.match(error.responseBody, /prompt_cache_only_if_cached/i);
				return true;
			}),
		);
		await asking(1, () =>
			assert.rejects(
				generateText(said(`fail with 429 ${asked}`)),
				(error) => APICallError.isInstance(error) && error.statusCode === 429 && /as told/.test(error.message),
			),
		);
	});
}

test('vectors', async () => {
	const model = openai.embedding('text-embedding-3-small');
	const embed = async (asked) => (await embedMany({ model, values: [asked, `${asked}?`] })).embeddings;
	const [first, second] = await askedOnce([embed, embed]);
	assert.equal(first.length, 2);
	assert.deepEqual(second, first);
});

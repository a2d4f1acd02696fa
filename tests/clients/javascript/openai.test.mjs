/** OpenAI's own client for Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { askedOnce, asking, CITY, eitherWay, ONLY_KEPT, question, TOOLS, url } from './proxy.mjs';

const client = new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: 'sk-1' });
const keeping = new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: 'sk-1', defaultHeaders: TOOLS });
const said = (asked, more) => ({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: asked }], ...more });
const tools = [{ type: 'function', function: { name: 'found', parameters: CITY } }];

const chat = (asked) => client.chat.completions.create(said(asked));
async function chatStream(asked) {
	let text = '';
	for await (const chunk of await client.chat.completions.create(said(asked, { stream: true }))) {
		text += chunk.choices[0]?.delta.content ?? '';
	}
	return text;
}

const respond = async (asked) => (await client.responses.create({ model: 'gpt-5-mini', input: asked })).output_text;
async function respondStream(asked) {
	const stream = client.responses.stream({ model: 'gpt-5-mini', input: asked });
	let text = '';
	for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
	assert.equal((await stream.finalResponse()).output_text, text);
	return text;
}

test('the second answer is the first', async () => {
	const [first, second] = await askedOnce([chat, chat]);
	assert.deepEqual(second, first);
});

for (const [plain, streamed] of [
	[async (asked) => (await chat(asked)).choices[0].message.content, chatStream],
	[respond, respondStream],
]) {
	for (const ways of eitherWay(plain, streamed)) {
		test(`a stream is the same answer: ${ways.map((way) => way.name).join(', ')}`, async () => {
			const [first, second] = await askedOnce(ways);
			assert.match(first, /answer/);
			assert.equal(second, first);
		});
	}
}

for (const ways of eitherWay(
	async (asked) => (await keeping.chat.completions.create(said(asked, { tools }))).choices[0].message,
	async (asked) => (await keeping.chat.completions.stream(said(asked, { tools })).finalChatCompletion()).choices[0].message,
)) {
	test('a call of a tool, and what follows', async () => {
		const [first, second] = await askedOnce(ways);
		const [call] = second.tool_calls;
		assert.deepEqual({ id: call.id, ...call.function }, { id: first.tool_calls[0].id, ...first.tool_calls[0].function });
		assert.equal(call.function.name, 'found');
		const after = (asked) =>
			keeping.chat.completions.create({
				model: 'gpt-4o-mini',
				tools,
				messages: [
					{ role: 'user', content: asked },
					{ role: 'assistant', tool_calls: second.tool_calls },
					{ role: 'tool', tool_call_id: call.id, content: 'it is' },
				],
			});
		const [end, again] = await askedOnce([after, after]);
		assert.deepEqual(again, end);
		assert.match(end.choices[0].message.content, /answer/);
	});
}

test('structured answers are parsed', async () => {
	const response_format = { type: 'json_schema', json_schema: { name: 'City', strict: true, schema: CITY } };
	const parse = async (asked) => JSON.parse((await client.chat.completions.create(said(asked, { response_format }))).choices[0].message.content);
	const [first, second] = await askedOnce([parse, parse]);
	assert.equal(typeof first.population, 'number');
	assert.deepEqual(second, first);
});

test('vectors', async () => {
	const embed = async (asked) => (await client.embeddings.create({ model: 'e', input: [asked, `${asked}?`] })).data;
	const [first, second] = await askedOnce([embed, embed]);
	assert.equal(first[0].embedding.length, 2);
	assert.deepEqual(second, first);
});

test('headers tell what happened', async () => {
	const headers = async (asked) => (await chat(asked), (await client.chat.completions.create(said(asked)).withResponse()).response.headers);
	const [hit] = await askedOnce([headers]);
	assert.match(hit.get('Cache-Status'), /^prompt-cache; hit; ttl=/);
	assert.match(hit.get('X-Prompt-Cache-Saved'), /tokens=14/);
});

test("what is refused is the client's own error", async () => {
	const asked = question();
	await asking(0, () =>
		assert.rejects(client.chat.completions.create(said(asked), { headers: ONLY_KEPT }), (error) => {
			assert.ok(error instanceof OpenAI.InternalServerError);
			assert.deepEqual([error.status, error.code], [504, 'prompt_cache_only_if_cached']);
			return true;
		}),
	);
	await asking(1, () =>
		assert.rejects(
			client.chat.completions.create(said(`fail with 429 ${asked}`), { maxRetries: 0 }),
			(error) => error instanceof OpenAI.RateLimitError && /as told/.test(error.message),
		),
	);
});

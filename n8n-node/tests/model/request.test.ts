import { describe, expect, it } from 'vitest';

import type { CallOptions, Message } from '../../shared/langchain/chatModel';
import { FakeModel, FakeN8n, message } from './fakes';

/** What the sidecar is asked for a call. */
async function lookedUp(
	settings: Record<string, unknown>,
	options: CallOptions = {},
	messages: Message[] = [message('human', 'hi')],
) {
	const n8n = new FakeN8n(new FakeModel(settings)).misses();
	const model = await n8n.supply();
	await model._generate(messages, options);
	const [body] = n8n.bodies('/v1/lookup');
	return { body, text: JSON.stringify(body), receipt: n8n.receipts[0] };
}

describe('secrets', () => {
	it.each([
		['a field of the model', { openAIApiKey: 'SECRET-1' }],
		['what LangChain says is secret', { lc_secrets: { entry: 'X' }, entry: 'SECRET-1' }],
		['a nested field', { clientConfig: { apiKey: 'SECRET-1', baseURL: 'https://a.example' } }],
		['constructor arguments', { lc_kwargs: { accessToken: 'SECRET-1' } }],
		['headers of any name', { configuration: { defaultHeaders: { 'x-gateway': 'SECRET-1' } } }],
		['Google credentials', { authOptions: { credentials: { private_key: 'SECRET-1' } } }],
		['the address', { baseUrl: 'https://me:SECRET-1@a.example/v1?api_key=SECRET-1' }],
	])('do not leave in %s', async (_, settings) => {
		const { text } = await lookedUp(settings);
		expect(text).toContain('fake-1');
		expect(text).not.toContain('SECRET-1');
	});

	it('do not leave with tools that the provider calls', async () => {
		const tools = [
			{ type: 'mcp', server_url: 'https://b.example', headers: { Authorization: 'SECRET-1' } },
		];
		const { text } = await lookedUp({}, { tools });
		expect(text).toContain('https://b.example');
		expect(text).not.toContain('SECRET-1');
	});

	it('are told from parameters of a tool, which stay', async () => {
		const parameters = { type: 'object', properties: { apiKey: { type: 'string' } } };
		const tools = [{ type: 'function', function: { name: 'login', parameters } }];
		const { body } = await lookedUp({}, { tools });
		expect(body!.tools).toEqual(tools);
	});
});

describe('the key', () => {
	async function differ(one: Parameters<typeof lookedUp>, other: Parameters<typeof lookedUp>) {
		const [first, second] = [await lookedUp(...one), await lookedUp(...other)];
		return first.text !== second.text;
	}

	it.each([
		['a header', { h: { headers: { 'x-tenant': 'a' } } }, { h: { headers: { 'x-tenant': 'b' } } }],
		['the address', { baseUrl: 'https://a.example' }, { baseUrl: 'https://b.example' }],
		['a count of tokens', { maxTokens: 10 }, { maxTokens: 20 }],
		["a setting of n8n's own kind of model", { chatModel: kit(1) }, { chatModel: kit(2) }],
	])('has %s in it', async (_, one, other) => {
		expect(await differ([one], [other])).toBe(true);
	});

	it.each([
		['patience', { maxRetries: 1, timeout: 5 }, { maxRetries: 2, timeout: 9 }],
		['listeners', { callbacks: [{}], verbose: true }, {}],
		['clients', { client: { busy: 1 } }, { client: { busy: 2 } }],
	])('does not have %s in it', async (_, one, other) => {
		expect(await differ([one], [other])).toBe(false);
	});

	it('is the same for a call that streams', async () => {
		const streaming = { version: 'v2', signal: new AbortController().signal, runName: 'x' };
		expect(await differ([{}, streaming], [{}])).toBe(false);
	});

	it('is the same in another release of LangChain, which tells itself, and not with other metadata', async () => {
		const asked = async (metadata: object) => (await lookedUp({ metadata })).text;
		const before = await asked({ versions: { '@langchain/core': '1.2.8' } });
		expect(await asked({ versions: { '@langchain/core': '1.3.0' } })).toBe(before);
		expect(await asked({})).toBe(before);
		expect(await asked({ tools: [{ type: 'web_search' }] })).not.toBe(before);
		const settings = { versions: { api: 2 } };
		expect((await lookedUp(settings)).text).not.toBe(before);
	});

	it('tells contents apart by their whole length, without sending them', async () => {
		const image = (end: string) => [
			message('human', [{ type: 'image_url', image_url: { url: 'A'.repeat(50_000) + end } }]),
		];
		expect(await differ([{}, {}, image('1')], [{}, {}, image('2')])).toBe(true);
		const { text } = await lookedUp({}, {}, image('1'));
		expect(text.length).toBeLessThan(5_000);
	});

	it('tells bytes apart', async () => {
		const data = (byte: number) => [
			message('human', [{ type: 'image', data: new Uint8Array([byte]) }]),
		];
		expect(await differ([{}, {}, data(1)], [{}, {}, data(2)])).toBe(true);
	});

	it('numbers the ids of tool calls, wherever they appear', async () => {
		const conversation = (id: string, found: string) => [
			message('human', `Do it. call_abcdefgh`),
			message('ai', `Calling with {"id":"${id}"}`, {
				tool_calls: [{ id, name: 'find', args: { id, what: 'x' } }],
				additional_kwargs: { tool_calls: [{ id }], __openai_function_call_ids__: { [id]: 'fc' } },
			}),
			message('tool', found, { tool_call_id: id }),
		];
		const [one, other] = [conversation('call_abcdefgh', 'x'), conversation('call_ijklmnop', 'x')];
		expect(await differ([{}, {}, one], [{}, {}, other])).toBe(false);
		expect(await differ([{}, {}, one], [{}, {}, conversation('call_ijklmnop', 'y')])).toBe(true);
		const { text } = await lookedUp({}, {}, one);
		expect(text).toContain('Do it. call_abcdefgh');
	});

	it("does not take a deployment's name for the model's", async () => {
		const { body } = await lookedUp({ azureOpenAIApiDeploymentName: 'gpt-4' });
		expect(body!.model).toBe('azure:gpt-4');
	});

	it('has the system message under its role', async () => {
		const { body } = await lookedUp({}, {}, [
			message('system', 'Be brief'),
			message('human', 'hi'),
		]);
		expect(body!.messages).toEqual([
			{ role: 'system', content: 'Be brief' },
			{ role: 'user', content: 'hi' },
		]);
		expect(body).toMatchObject({
			model: 'fake-1',
			namespace: 'default',
			source: { workflow: 'Support bot', node: 'Cached' },
		});
	});
});

describe('a call that cannot be told from others', () => {
	it.each([
		['a function among the options', {}, { transform: () => 1 }, /options\.transform/],
		['a tool that is no plain data', {}, { tools: [new Map()] }, /tools/],
		['a conversation kept elsewhere', {}, { conversation: 'conv_1' }, /kept by the provider/],
		['a model without a name', { model: undefined }, {}, /name/],
	])('because of %s is not cached', async (_, settings, options, reason) => {
		const { body, receipt } = await lookedUp(settings, options);
		expect(body).toBeUndefined();
		expect(receipt!.status).toBe('not_cached');
		expect(receipt!.reason).toMatch(reason);
	});
});

/** A model of n8n's own kit, of a class and with an address book of clients. */
function kit(temperature: number) {
	return new (class {
		modelId = 'kit-1';
		defaultConfig = { temperature };
		client = new Map();
	})();
}

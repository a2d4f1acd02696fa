/**
 * Calls the models of one provider through the Prompt Cache Model and prints, as JSON, what a user would see.
 *
 *     NODE_PATH=<n8n's node_modules> node harness.cjs <node file> <provider> <sidecar url>
 */
'use strict';

const { MAKERS, SECRET, redirectVertex, tracing } = require('./makers.cjs');
const { startProviders } = require('./wires.cjs');

const [, , nodeFile, provider, sidecar] = process.argv;
const { PromptCacheModel } = require(nodeFile);
const { HumanMessage, SystemMessage, AIMessage, ToolMessage } = require('@langchain/core/messages');
const { tool } = require('@langchain/core/tools');
const { z } = require('zod');

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const OTHER_PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

const calculator = tool(async () => '4', { name: 'calculator', description: 'Adds', schema: z.object({ input: z.string() }) });
const clock = tool(async () => 'noon', { name: 'clock', description: 'Tells the time', schema: z.object({ zone: z.string() }) });

/** What n8n gives a sub-node, over the real HTTP API; `log` gathers the log tree and `sent` the sidecar's requests. */
function contextOf(name, log, sent, parameters = {}) {
	const runs = [];
	return {
		getNode: () => ({ name, type: name, typeVersion: 1, parameters: {}, credentials: { promptCacheApi: { id: sidecar } } }),
		getMode: () => 'webhook',
		getWorkflow: () => ({ id: '1', name: 'Harness' }),
		getCredentials: async () => ({ baseUrl: sidecar, token: '' }),
		getNodeParameter: (parameter, _item, fallback) => parameters[parameter] ?? fallback,
		getNextRunIndex: () => runs.length,
		addInputData: (_type, data) => ({ index: runs.push({ input: data }) - 1 }),
		addOutputData: (_type, index, data) => log.push({ node: name, index, output: data instanceof Error ? { error: data.message } : data[0][0].json }),
		addExecutionHints: (...hints) => log.push(...hints.map(({ message }) => ({ node: name, hint: message }))),
		logAiEvent: () => {},
		logger: console,
		helpers: {
			httpRequestWithAuthentication: async (_credential, { method, baseURL, url, body }) => {
				sent.push({ url, text: JSON.stringify(body) });
				const response = await fetch(baseURL + url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
				return { statusCode: response.status, body: await response.json(), headers: {} };
			},
		},
	};
}

async function main() {
	const providers = await startProviders();
	redirectVertex(providers.url);
	const log = [];
	const sent = [];

	/** A model as an agent gets it: fresh for every execution. */
	async function supply(settings = {}, parameters = {}) {
		const model = MAKERS[provider](providers.url, settings, tracing(contextOf('Chat Model', log, sent)));
		const context = contextOf('Prompt Cache Model', log, sent, { namespace: 'harness', ...parameters });
		context.getInputConnectionData = async () => model;
		const { response } = await new PromptCacheModel().supplyData.call(context, 0);
		return response;
	}

	/** Do it, and tell what it gave, how often the provider was asked meanwhile, and what the log tree shows. */
	async function observed(act) {
		const before = [providers.calls.length, log.length];
		const answer = await act().catch((error) => ({ failed: error.message, content: '' }));
		const entries = log.slice(before[1]);
		return {
			text: typeof answer.content === 'string' ? answer.content : answer.text,
			tool_calls: (answer.tool_calls ?? []).map(({ id, name, args }) => ({ id, name, args })),
			usage: answer.usage_metadata,
			cached: answer.response_metadata?.cached === true,
			failed: answer.failed,
			calls: providers.calls.length - before[0],
			receipts: entries.filter(({ node, output }) => node === 'Prompt Cache Model' && output).map(({ output }) => output),
			traced: entries.filter(({ node, output }) => node === 'Chat Model' && output).map(({ output }) => output),
			hints: entries.filter(({ hint }) => hint).map(({ hint }) => hint),
		};
	}

	const invoke = (model, input, options) => observed(() => model.invoke(input, options));
	const stream = (model, input, options) =>
		observed(async () => {
			let whole;
			for await (const chunk of await model.stream(input, options)) whole = whole ? whole.concat(chunk) : chunk;
			return whole;
		});
	/** As n8n's agents stream. */
	const streamEvents = (model, input) =>
		observed(async () => {
			let text = '';
			let last;
			const { RunnableLambda } = require('@langchain/core/runnables');
			const runnable = RunnableLambda.from((value) => value).pipe(model);
			for await (const event of runnable.streamEvents(input, { version: 'v2' })) {
				if (event.event === 'on_chat_model_stream') text += event.data.chunk.text;
				if (event.event === 'on_chat_model_end') last = event.data.output;
			}
			return { ...last, content: text, tool_calls: last.tool_calls, usage_metadata: last.usage_metadata, response_metadata: last.response_metadata };
		});

	const toolCalls = { options: { toolCalls: true } };
	const image = (data) => [new HumanMessage({ content: [{ type: 'text', text: 'What is this?' }, { type: 'image_url', image_url: `data:image/png;base64,${data}` }] })];
	/** A conversation whose tool call has an id of its own each time, as n8n's agent rebuilds it. */
	const resumed = (id) => [
		new HumanMessage('How much is it?'),
		new AIMessage({ content: '', tool_calls: [{ id, name: 'calculator', args: { input: '2+2', id }, type: 'tool_call' }] }),
		new ToolMessage({ content: '[{"response":"4"}]', tool_call_id: id, name: 'calculator' }),
	];
	const seen = {};
	const neighbours = {};

	const first = await supply();
	seen.miss = await invoke(first, 'hello');
	seen.hit = await invoke(await supply(), 'hello');
	seen.sameInstanceHit = await invoke(first, 'hello');
	seen.streamAfterGenerateHit = await stream(await supply(), 'hello');
	seen.eventsAfterGenerateHit = await streamEvents(await supply(), 'hello');

	seen.streamMiss = await stream(await supply(), 'streamed');
	seen.streamHit = await stream(await supply(), 'streamed');
	seen.generateAfterStreamHit = await invoke(await supply(), 'streamed');
	seen.eventsMiss = await streamEvents(await supply(), 'told as events');
	seen.eventsHit = await streamEvents(await supply(), 'told as events');

	const bound = async (...tools) => (await supply()).bindTools(tools);
	seen.boundMiss = await invoke(await bound(calculator), 'hello');
	seen.boundHit = await invoke(await bound(calculator), 'hello');
	seen.boundStreamHit = await stream(await bound(calculator), 'hello');
	seen.configuredMiss = await invoke((await supply()).withConfig({ stop: ['!'] }), 'hello');
	seen.configuredHit = await invoke((await supply()).withConfig({ stop: ['!'] }), 'hello');
	seen.resumedMiss = await invoke(await bound(calculator), resumed('call_first_time_1'));
	seen.resumedHit = await invoke(await bound(calculator), resumed('call_other_time_2'));

	neighbours.temperature = await invoke(await supply({ temperature: 0.1 }), 'hello');
	neighbours.model = await invoke(await supply({ model: 'gemini-another' }), 'hello');
	neighbours.system = await invoke(await supply(), [new SystemMessage('Be brief'), new HumanMessage('hello')]);
	neighbours.otherSystem = await invoke(await supply(), [new SystemMessage('Be kind'), new HumanMessage('hello')]);
	neighbours.tools = await invoke(await bound(clock), 'hello');
	neighbours.boundModel = await invoke((await supply({ model: 'gemini-another' })).bindTools([calculator]), 'hello');
	neighbours.moreTools = await invoke(await bound(calculator, clock), 'hello');
	neighbours.stop = await invoke(await supply(), 'hello', { stop: ['.'] });
	neighbours.image = await invoke(await supply(), image(PIXEL));
	neighbours.otherImage = await invoke(await supply(), image(OTHER_PIXEL));
	neighbours.toolResult = await invoke(await bound(calculator), [...resumed('call_third_time_3').slice(0, 2), new ToolMessage({ content: '[{"response":"5"}]', tool_call_id: 'call_third_time_3', name: 'calculator' })]);
	neighbours.namespace = await invoke(await supply({}, { namespace: 'elsewhere' }), 'hello');
	seen.imageHit = await invoke(await supply(), image(PIXEL));

	seen.toolCall = await invoke(await bound(calculator), 'use the tool');
	seen.toolCallAgain = await invoke(await bound(calculator), 'use the tool');
	const keeping = async () => (await supply({}, toolCalls)).bindTools([calculator]);
	seen.keptToolCall = await invoke(await keeping(), 'use the tool at once');
	seen.keptToolCallHit = await invoke(await keeping(), 'use the tool at once');
	seen.keptToolCallStreamHit = await streamEvents(await keeping(), 'use the tool at once');
	seen.streamedToolCall = await streamEvents(await keeping(), 'use the tool slowly');
	seen.streamedToolCallHit = await invoke(await keeping(), 'use the tool slowly');

	const structured = async () =>
		await (await supply())
			.withStructuredOutput(z.object({ input: z.string() }), { name: 'extract', method: 'functionCalling', includeRaw: true })
			.invoke('use the tool to extract');
	seen.structuredMiss = await observed(async () => (await structured()).raw);
	seen.structuredHit = await observed(async () => (await structured()).raw);
	const native = async () => await (await supply()).streamEvents('told natively');
	seen.nativeEventsMiss = await observed(native);
	seen.nativeEventsHit = await observed(native);

	const short = { maxTokens: 5 };
	seen.truncated = await invoke(await supply(short), 'truncate this');
	seen.truncatedAgain = await invoke(await supply(short), 'truncate this');
	seen.truncatedStream = await stream(await supply(short), 'truncate that');
	seen.truncatedStreamAgain = await stream(await supply(short), 'truncate that');
	seen.refused = await invoke(await supply(), 'refuse this');
	seen.refusedAgain = await invoke(await supply(), 'refuse this');

	const together = await Promise.all(
		[1, 2, 3].map(async () => {
			const model = await supply();
			return await model.invoke('asked at once');
		}),
	);
	seen.together = { texts: together.map(({ text }) => text), calls: providers.calls.filter(({ body }) => JSON.stringify(body).includes('asked at once')).length };

	const stopped = await supply();
	for await (const _chunk of await stopped.stream('broken off')) break;
	seen.afterStop = await invoke(await supply(), 'broken off');

	const leaks = sent.filter(({ text }) => text.includes(SECRET)).map(({ url }) => url);
	console.log(JSON.stringify({ seen, neighbours, leaks, sent: sent.length }));
	providers.close();
}

main().then(
	() => process.exit(0),
	(error) => {
		console.error(error);
		process.exit(1);
	},
);

/** AI providers on loopback, as far as the models that n8n ships speak to them. */
'use strict';

const { createServer } = require('node:http');

/**
 * A server that answers every provider's chat route with "answer N", N counting its calls.
 *
 * A question that says "use the tool" gets a call of the first tool offered, one with "truncate" an answer that
 * ran out of tokens, and one with "refuse" status 500.
 */
function startProviders() {
	const calls = [];
	const server = createServer((request, response) => {
		const chunks = [];
		request.on('data', (chunk) => chunks.push(chunk));
		request.on('end', () => {
			const text = Buffer.concat(chunks).toString();
			const url = new URL(request.url, 'http://localhost');
			const wire = WIRES.find(({ path }) => path.test(url.pathname));
			const body = text ? JSON.parse(text) : {};
			const last = JSON.stringify((body.messages ?? body.contents ?? body.input ?? []).at(-1) ?? '');
			calls.push({ path: url.pathname, body });
			if (last.includes('refuse')) {
				response.writeHead(400, { 'content-type': 'application/json' });
				return response.end('{"error": {"message": "refused as asked", "code": 400}}');
			}
			const said = {
				id: `id-${calls.length}`,
				text: `answer ${calls.length}`,
				tool: last.includes('use the tool') ? nameOfTool(body.tools) : undefined,
				truncated: last.includes('truncate'),
			};
			if (!wire) {
				response.writeHead(404);
				return response.end(url.pathname);
			}
			const streams = body.stream === true || /stream/i.test(url.pathname);
			if (streams) wire.stream({ ...said, url, body }, response);
			else json(response, wire.whole(said));
		});
	});
	return new Promise((resolve) => {
		server.listen(0, '127.0.0.1', () => {
			resolve({ calls, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() });
		});
	});
}

const WIRES = [
	{ path: /\/chat\/completions$/, whole: chatCompletion, stream: chatCompletionStream },
	{ path: /\/responses$/, whole: responsesApi, stream: responsesApiStream },
	{ path: /\/v1\/messages$/, whole: anthropic, stream: anthropicStream },
	{ path: /enerateContent$/, whole: gemini, stream: geminiStream },
	{ path: /\/api\/chat$/, whole: ollama, stream: ollamaStream },
];

function nameOfTool(tools) {
	const [tool] = tools ?? [];
	return tool && (tool.name ?? tool.function?.name ?? tool.functionDeclarations?.[0]?.name);
}

const ARGUMENTS = { input: '2+2' };

function chatCompletion({ id, text, tool, truncated }) {
	const message = tool
		? { role: 'assistant', content: '', tool_calls: [functionCall(id, tool)] }
		: { role: 'assistant', content: text };
	return {
		id,
		object: 'chat.completion',
		created: 1,
		model: 'made-by-test',
		choices: [{ index: 0, message, finish_reason: truncated ? 'length' : tool ? 'tool_calls' : 'stop' }],
		usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 },
	};
}

function functionCall(id, name) {
	return { id: `call_${id}_abcdef`, type: 'function', function: { name, arguments: JSON.stringify(ARGUMENTS) } };
}

function chatCompletionStream(said, response) {
	const whole = chatCompletion(said);
	const [{ message, finish_reason }] = whole.choices;
	const { usage, ...frame } = { ...whole, object: 'chat.completion.chunk' };
	const chunk = (delta, finish) => ({ ...frame, choices: [{ index: 0, delta, finish_reason: finish ?? null }] });
	// OpenAI sends the usage after the last piece, Mistral with it.
	const last = said.body.stream_options
		? [[chunk({}, finish_reason)], [{ ...frame, choices: [], usage }]]
		: [[{ ...chunk({ content: '' }, finish_reason), usage }]];
	const deltas = message.tool_calls
		? [{ role: 'assistant', content: '', tool_calls: message.tool_calls.map((call) => ({ index: 0, ...call })) }]
		: pieces(said.text).map((content) => ({ role: 'assistant', content }));
	events(response, [
		...deltas.map((delta) => [chunk(delta)]),
		...last,
		['[DONE]'],
	]);
}

function responsesApi({ id, text, tool, truncated }) {
	const item = tool
		? { id: `fc_${id}`, type: 'function_call', call_id: `call_${id}_abcdef`, name: tool, arguments: JSON.stringify(ARGUMENTS), status: 'completed' }
		: { id: `msg_${id}`, type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] };
	return {
		id: `resp_${id}`,
		object: 'response',
		created_at: 1,
		model: 'made-by-test',
		status: truncated ? 'incomplete' : 'completed',
		incomplete_details: truncated ? { reason: 'max_output_tokens' } : null,
		error: null,
		output: [item],
		usage: { input_tokens: 7, output_tokens: 5, total_tokens: 12, input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
	};
}

function responsesApiStream(said, response) {
	const whole = responsesApi(said);
	const [item] = whole.output;
	const place = { item_id: item.id, output_index: 0, content_index: 0 };
	const inner = said.tool
		? [{ type: 'response.output_item.added', output_index: 0, item: { ...item, arguments: '' } }, { type: 'response.function_call_arguments.delta', ...place, delta: item.arguments }]
		: [{ type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } }, ...pieces(said.text).map((delta) => ({ type: 'response.output_text.delta', ...place, delta }))];
	const sequence = [
		{ type: 'response.created', response: { ...whole, output: [], usage: null } },
		...inner,
		{ type: 'response.output_item.done', output_index: 0, item },
		{ type: said.truncated ? 'response.incomplete' : 'response.completed', response: whole },
	];
	events(response, sequence.map((event, sequence_number) => [{ ...event, sequence_number }, event.type]));
}

function anthropic({ id, text, tool, truncated }) {
	return {
		id: `msg_${id}`,
		type: 'message',
		role: 'assistant',
		model: 'made-by-test',
		content: tool ? [{ type: 'tool_use', id: `toolu_${id}_abcdef`, name: tool, input: ARGUMENTS }] : [{ type: 'text', text }],
		stop_reason: truncated ? 'max_tokens' : tool ? 'tool_use' : 'end_turn',
		stop_sequence: null,
		usage: { input_tokens: 7, output_tokens: 5 },
	};
}

function anthropicStream(said, response) {
	const whole = anthropic(said);
	const [block] = whole.content;
	const begun = said.tool ? { ...block, input: {} } : { ...block, text: '' };
	const deltas = said.tool
		? [{ type: 'input_json_delta', partial_json: JSON.stringify(ARGUMENTS) }]
		: pieces(said.text).map((text) => ({ type: 'text_delta', text }));
	const sequence = [
		{ type: 'message_start', message: { ...whole, content: [], stop_reason: null } },
		{ type: 'content_block_start', index: 0, content_block: begun },
		...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
		{ type: 'content_block_stop', index: 0 },
		{ type: 'message_delta', delta: { stop_reason: whole.stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } },
		{ type: 'message_stop' },
	];
	events(response, sequence.map((event) => [event, event.type]));
}

function gemini({ text, tool, truncated }) {
	const part = tool ? { functionCall: { name: tool, args: ARGUMENTS } } : { text };
	return {
		candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: truncated ? 'MAX_TOKENS' : 'STOP' }],
		usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 5, totalTokenCount: 12 },
		modelVersion: 'made-by-test',
	};
}

function geminiStream(said, response) {
	const parts = said.tool ? [said] : pieces(said.text).map((text) => ({ ...said, text }));
	const chunks = parts.map(gemini);
	for (const chunk of chunks.slice(0, -1)) delete chunk.candidates[0].finishReason;
	// Gemini's API is asked for events, Vertex AI for the list that it sends otherwise.
	if (said.url.searchParams.get('alt') === 'sse') events(response, chunks.map((chunk) => [chunk]));
	else json(response, chunks);
}

function ollama({ text, tool, truncated }) {
	return {
		model: 'made-by-test',
		created_at: '2026-01-01T00:00:00Z',
		message: tool ? { role: 'assistant', content: '', tool_calls: [{ function: { name: tool, arguments: ARGUMENTS } }] } : { role: 'assistant', content: text },
		done: true,
		done_reason: truncated ? 'length' : 'stop',
		prompt_eval_count: 7,
		eval_count: 5,
	};
}

function ollamaStream(said, response) {
	const whole = ollama(said);
	const chunks = said.tool ? [whole.message] : pieces(said.text).map((content) => ({ role: 'assistant', content }));
	response.writeHead(200, { 'content-type': 'application/x-ndjson' });
	for (const message of chunks) {
		response.write(`${JSON.stringify({ model: whole.model, created_at: whole.created_at, message, done: false })}\n`);
	}
	response.end(`${JSON.stringify({ ...whole, message: { role: 'assistant', content: '' } })}\n`);
}

function pieces(text) {
	return text.match(/\s*\S+/g);
}

function json(response, body) {
	response.writeHead(200, { 'content-type': 'application/json' });
	response.end(JSON.stringify(body));
}

function events(response, list) {
	response.writeHead(200, { 'content-type': 'text/event-stream' });
	for (const [data, name] of list) {
		response.write(`${name ? `event: ${name}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
	}
	response.end();
}

module.exports = { startProviders };

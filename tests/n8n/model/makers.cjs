/** The chat models of the packages that n8n ships, made as n8n's nodes make them but pointed at loopback. */
'use strict';

const { N8nLlmTracing } = require('@n8n/ai-utilities');

const SECRET = 'sk-this-must-never-leave-4711';

/** n8n's own OpenAI and Ollama nodes hand their models out wrapped like this. */
function patchedByN8n(model) {
	const generate = model._generate.bind(model);
	const stream = model._streamResponseChunks.bind(model);
	model._generate = async (messages, options, manager) => await generate([...messages], options, manager);
	model._streamResponseChunks = async function* (messages, options, manager) {
		yield* stream([...messages], options, manager);
	};
	return model;
}

/** By provider: (url, settings, callbacks) -> model. Settings: temperature, model. */
const MAKERS = {
	'openai-chat': (url, { model = 'gpt-4o-mini', ...settings }, callbacks) => {
		const { ChatOpenAI } = require('@langchain/openai');
		const configuration = { baseURL: `${url}/v1`, defaultHeaders: { Authorization: `Bearer ${SECRET}`, 'x-tenant': SECRET } };
		return patchedByN8n(new ChatOpenAI({ apiKey: SECRET, model, maxRetries: 0, configuration, callbacks, modelKwargs: {}, ...settings }));
	},
	'openai-responses': (url, { model = 'gpt-4o-mini', ...settings }, callbacks) => {
		const { ChatOpenAI } = require('@langchain/openai');
		const configuration = { baseURL: `${url}/v1` };
		return new ChatOpenAI({ apiKey: SECRET, model, useResponsesApi: true, maxRetries: 0, configuration, callbacks, ...settings });
	},
	azure: (url, { model = 'deployment-a', ...settings }, callbacks) => {
		const { AzureChatOpenAI } = require('@langchain/openai');
		return new AzureChatOpenAI({
			useResponsesApi: false,
			model: 'gpt-4o-mini',
			azureOpenAIApiDeploymentName: model,
			azureOpenAIApiKey: SECRET,
			azureOpenAIApiVersion: '2025-03-01-preview',
			azureOpenAIEndpoint: url,
			maxRetries: 0,
			callbacks,
			...settings,
		});
	},
	anthropic: (url, { model = 'claude-sonnet-4-5', ...settings }, callbacks) => {
		const { ChatAnthropic } = require('@langchain/anthropic');
		return new ChatAnthropic({ anthropicApiKey: SECRET, anthropicApiUrl: url, model, maxRetries: 0, callbacks, ...settings });
	},
	gemini: (url, { model = 'gemini-2.5-flash', ...settings }, callbacks) => {
		const { ChatGoogleGenerativeAI } = require('@langchain/google-genai');
		return new ChatGoogleGenerativeAI({ apiKey: SECRET, baseUrl: url, model, maxRetries: 0, callbacks, ...settings });
	},
	vertex: (url, { model = 'gemini-2.5-flash', ...settings }, callbacks) => {
		const { ChatVertexAI } = require('@langchain/google-vertexai');
		return new ChatVertexAI({ apiKey: SECRET, location: 'europe-west1', model, maxRetries: 0, callbacks, ...settings });
	},
	ollama: (url, { model = 'llama3.2', ...settings }, callbacks) => {
		const { ChatOllama } = require('@langchain/ollama');
		const headers = { Authorization: `Bearer ${SECRET}` };
		return patchedByN8n(new ChatOllama({ baseUrl: url, model, headers, maxRetries: 0, callbacks, ...settings }));
	},
	mistral: (url, { model = 'mistral-small-latest', ...settings }, callbacks) => {
		const { ChatMistralAI } = require('@langchain/mistralai');
		return new ChatMistralAI({ apiKey: SECRET, serverURL: url, model, maxRetries: 0, callbacks, ...settings });
	},
	groq: (url, { model = 'llama-3.3-70b-versatile', ...settings }, callbacks) => {
		const { ChatGroq } = require('@langchain/groq');
		return new ChatGroq({ apiKey: SECRET, baseUrl: url, model, maxRetries: 0, callbacks, ...settings });
	},
};

/** Vertex AI has no setting for a plain HTTP address. */
function redirectVertex(url) {
	const { fetch } = globalThis;
	globalThis.fetch = async (input, init) => {
		const asked = new URL(typeof input === 'string' ? input : input.url);
		if (!asked.hostname.endsWith('aiplatform.googleapis.com')) return await fetch(input, init);
		return await fetch(`${url}${asked.pathname}${asked.search}`, init);
	};
}

function tracing(context) {
	return [new N8nLlmTracing(context)];
}

module.exports = { MAKERS, SECRET, redirectVertex, tracing };

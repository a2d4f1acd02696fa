import type { IDataObject } from 'n8n-workflow';

import type { CacheRequest } from '../api';
import { canonical } from '../canonical';
import { conversationOf } from './conversation';
import { identityOf } from './identity';
import type { CallOptions, ChatModel, Message } from './chatModel';
import { isPlainObject, NotPlain, plain } from './plain';
import { withoutSecrets } from './secrets';

/** What LangChain needs to run a call, and what tracing reads of it; none of it reaches the provider. */
const RUN_OPTIONS = new Set([
	'callbacks',
	'configurable',
	'ls_structured_output_format',
	'maxConcurrency',
	'metadata',
	'promptIndex',
	'recursionLimit',
	'runId',
	'runName',
	'signal',
	'stream',
	'tags',
	'timeout',
	'version',
]);

const MODEL_NAMES = ['model', 'modelName', 'modelId', 'model_id', 'deploymentName'];
const LONGEST_MODEL_NAME = 256;

/** Why a call must not be answered from the cache, in words for the user. */
export class NotCacheable extends Error {}

/** One call of a model: `root` is the connected model, `model` it or a copy that LangChain made of it. */
export interface ModelCall {
	root: ChatModel;
	model: ChatModel;
	messages: Message[];
	options: CallOptions;
}

/** Everything that shapes the answer, and no secret. Raises `NotCacheable`. */
export function requestOf(call: ModelCall): CacheRequest {
	let reason: string;
	try {
		return describe(call);
	} catch (cause) {
		reason = reasonFor(cause);
	}
	throw new NotCacheable(reason);
}

function reasonFor(cause: unknown): string {
	if (cause instanceof NotCacheable) return cause.message;
	return cause instanceof NotPlain
		? `${cause.message}, so this call cannot be told from others`
		: 'This call cannot be told from others';
}

function describe({ root, model, messages, options: given }: ModelCall): CacheRequest {
	const options = { ...model.defaultOptions, ...given };
	const wire = plain(model.invocationParams?.(options) ?? {}, 'invocationParams') as IDataObject;
	const { tools = options.tools, response_format = options.response_format, ...params } = wire;
	const called = plain(
		Object.fromEntries(
			Object.entries(options).filter(
				([name]) => !RUN_OPTIONS.has(name) && name !== 'tools' && name !== 'response_format',
			),
		),
		'options',
	) as IDataObject;
	if (wire.conversation ?? called.conversation) {
		throw new NotCacheable(
			'The conversation is kept by the provider, so the messages do not tell all',
		);
	}
	const identity = identityOf(root);
	const request: CacheRequest = {
		messages: conversationOf(messages),
		model: modelName(root, called, wire, model),
		params: {
			...(withoutSecrets(params) as IDataObject),
			call_options: withoutSecrets(called),
			connected_model: identity,
		},
	};
	if (root !== model) {
		const copy = identityOf(model);
		if (canonical(copy) !== canonical(identity)) request.params!.model_copy = copy;
	}
	const offered = toolsOf(plain(tools ?? toolsInside(model) ?? null, 'tools'));
	if (offered?.length) request.tools = offered;
	if (response_format) {
		request.response_format = plain(response_format, 'response_format') as IDataObject;
	}
	return request;
}

function modelName(root: ChatModel, ...copies: object[]): string {
	const { azureOpenAIApiDeploymentName: deployment } = root as {
		azureOpenAIApiDeploymentName?: unknown;
	};
	// A deployment may be called after one model and run another: its name must not be taken for the model's.
	if (typeof deployment === 'string') return `azure:${deployment}`.slice(0, LONGEST_MODEL_NAME);
	const places = [...copies, root];
	const inner = places.flatMap((place) => {
		const { chatModel } = place as { chatModel?: object };
		return chatModel instanceof Object ? [place, chatModel] : [place];
	});
	for (const place of inner) {
		for (const field of MODEL_NAMES) {
			const name = (place as Record<string, unknown>)[field];
			if (typeof name === 'string' && name) return name.slice(0, LONGEST_MODEL_NAME);
		}
	}
	throw new NotCacheable('The connected model does not say its name');
}

/** Tools that a model of n8n's own kit keeps to itself. */
function toolsInside(model: ChatModel): unknown {
	return (model as { chatModel?: { tools?: unknown } }).chatModel?.tools;
}

/** Tools in the provider's words. A server that the provider calls comes with its access; functions are all schema. */
function toolsOf(tools: unknown): IDataObject[] | undefined {
	if (!Array.isArray(tools)) return undefined;
	return (tools as IDataObject[]).map((tool) => {
		const serverSide =
			isPlainObject(tool) &&
			typeof tool.type === 'string' &&
			!tool.name &&
			tool.type !== 'function';
		return serverSide ? (withoutSecrets(tool) as IDataObject) : tool;
	});
}

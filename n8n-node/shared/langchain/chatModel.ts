/** The parts of LangChain's chat models that are used here; the classes themselves are the connected model's. */

import type { IDataObject } from 'n8n-workflow';

export interface Message {
	_getType(): string;
	content: unknown;
	/** What of the content is text. */
	text?: string;
	id?: string;
	name?: string;
	/** Of a message whose type is `generic`. */
	role?: string;
	additional_kwargs?: Record<string, unknown>;
	response_metadata?: Record<string, unknown>;
	/** Of an answer. */
	tool_calls?: ToolCall[];
	invalid_tool_calls?: unknown[];
	usage_metadata?: Record<string, unknown>;
	/** Of a tool's result. */
	tool_call_id?: string;
	status?: string;
}

export interface ToolCall {
	id?: string;
	name: string;
	args: unknown;
}

export interface Generation {
	text: string;
	message: Message;
	generationInfo?: Record<string, unknown>;
}

export interface GenerationChunk extends Generation {
	concat(chunk: GenerationChunk): GenerationChunk;
}

export interface ChatResult {
	generations: Generation[];
	llmOutput?: Record<string, unknown>;
}

/** For each of several conversations, what the model said. */
export interface LLMResult {
	generations: Generation[][];
	llmOutput?: Record<string, unknown>;
}

export type CallOptions = Record<string | symbol, unknown> & { signal?: AbortSignal };

export interface RunManager {
	runId?: string;
	handleLLMNewToken?(
		token: string,
		position: { prompt: number; completion: number },
		runId?: string,
		parentRunId?: string,
		tags?: string[],
		fields?: { chunk: Generation },
	): Promise<void>;
}

export type Generate = (
	messages: Message[],
	options: CallOptions,
	runManager?: RunManager,
) => Promise<ChatResult>;

export type Stream = (
	messages: Message[],
	options: CallOptions,
	runManager?: RunManager,
) => AsyncGenerator<GenerationChunk>;

export interface ChatModel {
	lc_namespace?: string[];
	callbacks?: unknown;
	defaultOptions?: Record<string, unknown>;
	lc_secrets?: Record<string, string>;
	/** What n8n says of the model, such as the tools that its provider runs for it. */
	metadata?: { tools?: unknown[] };
	_llmType?(): string;
	bindTools?(tools: unknown[]): unknown;
	/** Ask, and tell whoever listens, such as n8n's log. */
	generate?(conversations: Message[][], options: CallOptions): Promise<LLMResult>;
	invocationParams?(options: CallOptions): unknown;
	_generate: Generate;
	_streamResponseChunks?: Stream;
	_streamChatModelEvents?: unknown;
}

/** Whether it is a chat model; the older text completion models are called in another way. */
export function isChatModel(model: unknown): model is ChatModel {
	if (typeof model !== 'object' || model === null) return false;
	const { lc_namespace, _generate } = model as Partial<ChatModel>;
	return typeof _generate === 'function' && (lc_namespace ?? []).includes('chat_models');
}

/** What LangChain's base class has under a name: the furthest prototype's own. */
export function inherited(model: object, name: string): unknown {
	let found: unknown;
	for (
		let prototype: unknown = Object.getPrototypeOf(model);
		typeof prototype === 'object' && prototype !== null;
		prototype = Object.getPrototypeOf(prototype)
	) {
		const own = Object.getOwnPropertyDescriptor(prototype, name);
		if (own) found = own.value;
	}
	return found;
}

/** Who speaks, and what: a text, or a list of parts such as images. */
export type Turn = [role: 'system' | 'human' | 'ai', content: string | IDataObject[]];

/** The turns as messages of the model's own classes. No text in them is a template. */
export function messagesFrom(model: object, turns: Turn[]): Message[] {
	const { _convertInputToPromptValue: convert } = model.constructor as unknown as {
		_convertInputToPromptValue(input: Turn[]): { messages: Message[] };
	};
	return convert.call(model.constructor, turns).messages;
}

type AnswerClass = new (fields: Record<string, unknown>) => Message;

/** The class of this model's answers, undefined where LangChain no longer gives it away. */
export function answerClass(model: object): AnswerClass | undefined {
	try {
		const [message] = messagesFrom(model, [['ai', '']]);
		return message?._getType() === 'ai' ? (message.constructor as AnswerClass) : undefined;
	} catch {
		return undefined;
	}
}

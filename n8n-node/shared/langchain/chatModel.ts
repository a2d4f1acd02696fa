/** The parts of LangChain's chat models that are used here; the classes themselves are the connected model's. */

export interface Message {
	_getType(): string;
	content: unknown;
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
	_llmType?(): string;
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

type AnswerClass = new (fields: Record<string, unknown>) => Message;

/** The class of this model's answers, undefined where LangChain no longer gives it away. */
export function answerClass(model: object): AnswerClass | undefined {
	try {
		const { _convertInputToPromptValue: convert } = model.constructor as unknown as {
			_convertInputToPromptValue(input: unknown): { messages: Message[] };
		};
		const [message] = convert.call(model.constructor, [['ai', '']]).messages;
		return message?._getType() === 'ai' ? (message.constructor as AnswerClass) : undefined;
	} catch {
		return undefined;
	}
}

import type { IDataObject } from 'n8n-workflow';

import type { Answer } from './cacheableCall';
import type { ChatResult, Generation, GenerationChunk, Message } from './chatModel';
import { answerClass } from './chatModel';
import { isPlainObject, plain } from './plain';
import type { ModelCall } from './request';

/** n8n's agents have the model give its final answer through this tool, so that it keeps to a schema. */
const FINAL_ANSWER_TOOL = 'format_final_json_response';

/** LangChain's own names for a run, which the next run must not bear. */
const RUN_ID = /^(lc_)?run-/;

const FINISH = ['finish_reason', 'finishReason', 'stop_reason', 'stopReason', 'done_reason'];
const MOST_TOKENS = ['maxTokens', 'max_tokens', 'maxOutputTokens', 'maxCompletionTokens'];
const USAGE = ['tokenUsage', 'usage', 'estimatedTokenUsage', 'usage_metadata', 'usageMetadata'];
const NO_TOKENS = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };

/** Write an answer down. Raises `NotPlain`. */
export function answerOf(call: ModelCall, result: ChatResult, finishReason?: string): Answer {
	const { generations, llmOutput } = result;
	const [first] = generations;
	const usage = first?.message.usage_metadata ?? llmOutput?.tokenUsage ?? llmOutput?.usage;
	const finish =
		finishReason ?? (generations.length === 1 ? finishReasonOf(first!, llmOutput) : undefined);
	return {
		response: {
			generations: generations.map((generation) => recorded(generation)),
		},
		usage: isPlainObject(usage) ? (plain(usage, 'usage') as IDataObject) : undefined,
		finishReason: finish,
		step: generations.map(({ message }) => stepOf(call, message)).find(Boolean),
	};
}

/** Why a generation, or a piece of one, ended; undefined while it has not. */
export function finishReasonOf(
	{ generationInfo = {}, message }: Generation,
	llmOutput: Record<string, unknown> = {},
): string | undefined {
	const { response_metadata: metadata = {}, additional_kwargs: told = {} } = message;
	for (const place of [generationInfo, metadata, told, llmOutput]) {
		for (const name of FINISH) {
			if (typeof place[name] === 'string' && place[name]) return place[name];
		}
	}
	// OpenAI's Responses API
	if (metadata.object !== 'response' || typeof metadata.status !== 'string') return undefined;
	const details = metadata.incomplete_details;
	return isPlainObject(details) && typeof details.reason === 'string'
		? details.reason
		: metadata.status;
}

/** Of the reasons that the pieces of a stream give, the one that counts: some models end each stream with "stop". */
export function moreTelling(
	one: string | undefined,
	other: string | undefined,
): string | undefined {
	return one && !/^(stop|completed)$/i.test(one) ? one : (other ?? one);
}

/** Some models keep the reason to themselves: then the usage, which comes last, must be below what was allowed. */
export function endedInFull({ model, options }: ModelCall, { message }: Generation): boolean {
	const used = message.usage_metadata?.output_tokens;
	if (typeof used !== 'number' || used <= 0) return false;
	const settings = { ...model, ...model.defaultOptions, ...options } as Record<string, unknown>;
	return MOST_TOKENS.map((name) => Number(settings[name] ?? 0)).every(
		(most) => !(most > 0) || used < most,
	);
}

/** The generations as the connected model would have given them, marked as cached and free of tokens. */
export function replay(call: ModelCall, response: unknown): ChatResult | undefined {
	const { generations } = (response ?? {}) as { generations?: Recorded[] };
	const Answered = answerClass(call.root);
	if (!Answered || !Array.isArray(generations) || generations.length === 0) return undefined;
	return {
		generations: generations.map(({ text, generationInfo, message: { data } }) => ({
			text,
			message: new Answered({
				...data,
				response_metadata: withoutUsage(data.response_metadata),
				usage_metadata: { ...NO_TOKENS },
			}),
			generationInfo: { ...withoutUsage(generationInfo), cached: true },
		})),
		llmOutput: {},
	};
}

/** The forms in which an output parser may get a response: its text, or what it gives to a tool. */
export function textsOf(response: unknown): string[] {
	const { generations = [] } = (response ?? {}) as { generations?: Recorded[] };
	return generations.flatMap(({ text, message }) => {
		const { content, tool_calls: calls } = message.data;
		const parts = (Array.isArray(content) ? content : []) as Array<{ text?: unknown }>;
		const joined = parts.map((part) => part.text).filter((part) => typeof part === 'string');
		const given = (Array.isArray(calls) ? calls : []) as Array<{ args: unknown }>;
		return [text, joined.join('\n'), ...given.map(({ args }) => JSON.stringify(args))];
	});
}

/** One chunk is a whole stream. */
export function replayChunk(result: ChatResult): GenerationChunk {
	return result.generations[0] as GenerationChunk;
}

interface Recorded {
	text: string;
	generationInfo?: Record<string, unknown>;
	/** As LangChain stores messages. */
	message: {
		type: 'ai';
		data: Record<string, unknown> & { response_metadata?: Record<string, unknown> };
	};
}

function recorded({ text, generationInfo, message }: Generation): IDataObject {
	const data: Record<string, unknown> = {
		content: message.content,
		name: message.name,
		id: message.id && !RUN_ID.test(message.id) ? message.id : undefined,
		additional_kwargs: message.additional_kwargs,
		response_metadata: message.response_metadata,
		tool_calls: message.tool_calls,
		invalid_tool_calls: message.invalid_tool_calls,
		usage_metadata: message.usage_metadata,
	};
	return plain({ text, generationInfo, message: { type: 'ai', data } }, 'answer') as IDataObject;
}

function withoutUsage(metadata: Record<string, unknown> = {}): Record<string, unknown> {
	return Object.fromEntries(Object.entries(metadata).filter(([name]) => !USAGE.includes(name)));
}

function stepOf(call: ModelCall, message: Message): Answer['step'] {
	if (message.invalid_tool_calls?.length) return 'invalid_tool_calls';
	return callsTools(call, message) ? 'tool_calls' : undefined;
}

function callsTools({ model, options }: ModelCall, message: Message): boolean {
	const calls = message.tool_calls ?? [];
	if (calls.length === 0) {
		const { tool_calls, function_call } = message.additional_kwargs ?? {};
		return Boolean((Array.isArray(tool_calls) && tool_calls.length) || function_call);
	}
	const { ls_structured_output_format, allowedFunctionNames, tool_choice } = {
		...model.defaultOptions,
		...options,
	};
	// LangChain gets structured output by forcing one tool on the model, by its name.
	if (ls_structured_output_format) return false;
	const forced = Array.isArray(allowedFunctionNames)
		? (allowedFunctionNames as unknown[])
		: [tool_choice];
	const answers = forced.length === 1 ? [FINAL_ANSWER_TOOL, forced[0]] : [FINAL_ANSWER_TOOL];
	return !calls.every(({ name }) => answers.includes(name));
}

import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { answerOf } from '../../shared/langchain/answer';
import type { ChatResult } from '../../shared/langchain/chatModel';
import type { Answer } from '../../shared/langchain/cacheableCall';
import type { ModelCall } from '../../shared/langchain/request';
import { settled } from '../../shared/settled';
import type { Format } from './format';
import type { Question } from './question';

/** What a model said to a question. */
export interface ModelAnswer {
	/** What its items hold. */
	parts: unknown[];
	/** As it is stored; absent where it must not be. */
	answer?: Answer;
	/** Why it must not be stored. */
	refused?: string;
	/** Seconds it took. */
	latency: number;
}

/** No answer: the model failed, or what it said does not fit. */
export interface NoAnswer {
	problem: 'model_failed' | 'unusable_output';
	cause: unknown;
}

/** Ask the model of a question, or else its fallback. */
export async function ask(
	context: IExecuteFunctions,
	{ call, fallback, format }: Question,
): Promise<ModelAnswer | NoAnswer> {
	const started = Date.now();
	const signal = context.getExecutionCancelSignal();
	let said = await settled(generate(context, call, signal));
	const other = 'failure' in said && fallback !== undefined && !signal?.aborted;
	if (other) said = await settled(generate(context, fallback, signal));
	if ('failure' in said) return { problem: 'model_failed', cause: said.failure };
	const result = said.value;
	const reading = await settled(readWithHelp(format, textOf(result)));
	if ('failure' in reading) return { problem: 'unusable_output', cause: reading.failure };
	const { parts, mended } = reading.value;
	const latency = (Date.now() - started) / 1000;
	if (other) return { parts, refused: 'other_model', latency };
	// A model may end its stream when it is stopped, as if that were all.
	if (signal?.aborted) return { parts, refused: 'aborted', latency };
	const kept = mended === undefined ? result : withText(result, mended);
	try {
		const answer = answerOf(call, kept);
		return answer.step ? { parts, refused: answer.step, latency } : { parts, answer, latency };
	} catch (cause) {
		return { parts, refused: (cause as Error).message, latency };
	}
}

export function textOf({ generations: [first] }: ChatResult): string {
	return first!.message.text ?? first!.text;
}

async function generate(
	context: IExecuteFunctions,
	{ model, messages, options }: ModelCall,
	signal?: AbortSignal,
): Promise<ChatResult> {
	const { generations, llmOutput } = await model.generate!([messages], {
		...options,
		...tracingOf(context),
		signal,
	});
	return { generations: generations[0]!, llmOutput };
}

/** As n8n's chains name their calls to whoever traces them. */
function tracingOf(context: IExecuteFunctions): IDataObject {
	const { name: node } = context.getNode();
	const workflow = context.getWorkflow();
	return {
		runName: `[${workflow.name}] ${node}`,
		metadata: { execution_id: context.getExecutionId(), workflow: { ...workflow }, node },
		callbacks: context.getParentCallbackManager?.() as unknown as IDataObject,
	};
}

/** Read an answer; if it had to be mended for that, `mended` is the text that needs no help next time. */
async function readWithHelp(
	{ read, mend }: Format,
	text: string,
): Promise<{ parts: unknown[]; mended?: string }> {
	if (!mend) return { parts: await read(text) };
	try {
		return { parts: await read(text) };
	} catch {
		const parts = await mend(text);
		return { parts, mended: JSON.stringify(parts.length === 1 ? parts[0] : parts) };
	}
}

function withText({ generations: [first], llmOutput }: ChatResult, text: string): ChatResult {
	const { message } = first!;
	const said = Object.create(message, { content: { value: text } }) as typeof message;
	return { generations: [{ ...first!, text, message: said }], llmOutput };
}

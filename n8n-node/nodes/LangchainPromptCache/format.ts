import { NodeOperationError, type IDataObject, type IExecuteFunctions } from 'n8n-workflow';

import { isPlainObject } from '../../shared/langchain/plain';
import type { ChatModel } from '../../shared/langchain/chatModel';

/** An output parser of n8n; one that mends answers, with a model of its own, has the stricter one inside. */
export interface OutputParser {
	parse(text: string): Promise<unknown>;
	getFormatInstructions(): string;
	outputParser?: OutputParser;
}

/** How the answers to one question are read: each comes to what its items hold, mostly one. */
export interface Format {
	/** What stands below the prompt, for the model to know. */
	instructions?: string;
	/** Throws where the answer does not fit. */
	read(text: string): Promise<unknown[]>;
	/** The same, with the help of another model; absent where there is none to help. */
	mend?(text: string): Promise<unknown[]>;
}

/** Without a parser, the text; or JSON where the model was told to answer in it. */
export function formatOf(
	context: IExecuteFunctions,
	itemIndex: number,
	model: ChatModel,
	parser?: OutputParser,
): Format {
	if (!parser) {
		return { read: answersInJson(model) ? readJson(context, itemIndex) : async (text) => [text] };
	}
	const { outputParser: strict } = parser;
	return {
		instructions: parser.getFormatInstructions(),
		read: async (text) => listOf(await (strict ?? parser).parse(text)),
		mend: strict && (async (text) => listOf(await parser.parse(text))),
	};
}

/** The fields of one of an answer's items, as n8n's Basic LLM Chain puts them out. */
export function fieldsOf(part: unknown): IDataObject {
	if (typeof part === 'string') return { text: part.trim() };
	if (Array.isArray(part)) return { data: part as IDataObject[] };
	return isPlainObject(part) ? (part as IDataObject) : { response: { text: part as string } };
}

function listOf(parsed: unknown): unknown[] {
	return Array.isArray(parsed) ? (parsed as unknown[]) : [parsed];
}

function answersInJson(model: ChatModel): boolean {
	const { modelKwargs, format, metadata } = model as ChatModel & {
		modelKwargs?: { response_format?: { type?: string } };
		format?: unknown;
		metadata?: { output_format?: unknown };
	};
	return (
		modelKwargs?.response_format?.type === 'json_object' ||
		format === 'json' ||
		metadata?.output_format === 'json'
	);
}

function readJson(context: IExecuteFunctions, itemIndex: number): Format['read'] {
	return async (text) => {
		const [, fenced] = /```(?:json)?\s*([\s\S]*?)```/.exec(text) ?? [];
		try {
			return [JSON.parse(fenced ?? text) as unknown];
		} catch {
			throw new NodeOperationError(context.getNode(), "The model's answer is no JSON", {
				description:
					'The connected model is set to answer in JSON. Ask for JSON in the prompt, or change the response format of the model.',
				itemIndex,
			});
		}
	};
}

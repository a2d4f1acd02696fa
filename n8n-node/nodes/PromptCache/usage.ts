import {
	NodeConnectionTypes,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type ITaskData,
} from 'n8n-workflow';

import { internalsOf } from '../../shared/internals';
import { nameOf, runOf, runsBehind } from './passage';
import { textsOf } from './references';

interface Tokens {
	promptTokens: number;
	completionTokens: number;
}

/** What n8n shows in the log of a model node for one call. */
interface ModelCall extends Tokens {
	messages: string;
	text: string;
	/** Whether n8n counted the tokens by itself. */
	estimated: boolean;
}

/** Tokens in the cache's own names; absent where n8n tells nothing, or nothing was used. */
export type AnswerUsage = IDataObject | undefined;

const SUB_NODES = Object.values(NodeConnectionTypes).filter(
	(kind) => kind !== NodeConnectionTypes.Main,
);

/**
 * What the model used for each question, given the items that answer it.
 *
 * Calls and questions are matched by what was said. Where that leaves a doubt, all questions share what was used, as an
 * estimate: the sum is right.
 */
export function usagesOf(
	context: IExecuteFunctions,
	answers: INodeExecutionData[][],
): AnswerUsage[] {
	const calls = modelCalls(context);
	if (answers.length === 1) return [usageOf(calls)];
	return matched(calls, answers)?.map(usageOf) ?? shared(calls, answers.length);
}

function usageOf(calls: ModelCall[]): AnswerUsage {
	const total = sumOf(calls);
	if (total.promptTokens + total.completionTokens === 0) return undefined;
	return inOurNames(
		total,
		calls.some(({ estimated }) => estimated),
	);
}

function shared(calls: ModelCall[], count: number): AnswerUsage[] {
	const { promptTokens, completionTokens } = sumOf(calls);
	if (promptTokens + completionTokens === 0) return Array<AnswerUsage>(count).fill(undefined);
	const share = (total: number, at: number): number =>
		Math.floor(total / count) + (at < total % count ? 1 : 0);
	return Array.from({ length: count }, (_, at) =>
		inOurNames(
			{ promptTokens: share(promptTokens, at), completionTokens: share(completionTokens, at) },
			true,
		),
	);
}

/** The calls of each answer: the one that said it, and those whose conversation that one went on with. */
function matched(calls: ModelCall[], answers: INodeExecutionData[][]): ModelCall[][] | undefined {
	const said = answers.map(
		(items) => new Set([...textsOf(items.map(({ json }) => json))].map((text) => text.trim())),
	);
	const last = calls.map(({ text }) =>
		said.flatMap((texts, answer) => (text.trim() && texts.has(text.trim()) ? [answer] : [])),
	);
	const byAnswer = answers.map((): ModelCall[] => []);
	for (const [at, call] of calls.entries()) {
		const answer = last[at]!.length > 0 ? last[at]! : continuedBy(call, calls, last);
		if (answer.length !== 1) return undefined;
		byAnswer[answer[0]!]!.push(call);
	}
	return byAnswer;
}

function continuedBy({ messages }: ModelCall, calls: ModelCall[], last: number[][]): number[] {
	const found = calls.flatMap((call, at) => (call.messages.startsWith(messages) ? last[at]! : []));
	return [...new Set(found)];
}

/** The calls of all models attached to the nodes that the answers came from, and to their sub-nodes. */
function modelCalls(context: IExecuteFunctions): ModelCall[] {
	const runData = internalsOf(context).runExecutionData?.resultData?.runData ?? {};
	const runs = runsBehind(context);
	const attached = new Set<string>();
	for (const name of new Set(runs.map(({ node }) => node))) collect(context, name, attached);
	const within = new Set(runs.map(nameOf));
	const tasks = [...attached].flatMap((node) =>
		(runData[node] ?? []).map((task, run) => ({ task, name: nameOf({ node, run }) })),
	);
	const counted = new Set<ITaskData>();
	for (let before = -1; before < counted.size; ) {
		before = counted.size;
		for (const { task, name } of tasks) {
			const [source] = task.source;
			if (!source || !within.has(nameOf(runOf(source)))) continue;
			within.add(name);
			counted.add(task);
		}
	}
	return [...counted].flatMap(callOf);
}

function collect(context: IExecuteFunctions, name: string, attached: Set<string>): void {
	for (const connectionType of SUB_NODES) {
		for (const sub of context.getParentNodes(name, { connectionType, depth: 1 })) {
			if (attached.has(sub.name)) continue;
			attached.add(sub.name);
			collect(context, sub.name, attached);
		}
	}
}

function callOf({ data, inputOverride }: ITaskData): ModelCall[] {
	const json = data?.ai_languageModel?.[0]?.[0]?.json as
		| {
				tokenUsage?: Partial<Tokens>;
				tokenUsageEstimate?: Partial<Tokens>;
				response?: { generations?: Array<Array<{ text?: string }>> };
		  }
		| undefined;
	const tokens = json?.tokenUsage ?? json?.tokenUsageEstimate;
	if (!json || !tokens) return [];
	const asked = inputOverride?.ai_languageModel?.[0]?.[0]?.json as
		| { messages?: string[] }
		| undefined;
	return [
		{
			promptTokens: tokens.promptTokens ?? 0,
			completionTokens: tokens.completionTokens ?? 0,
			estimated: !json.tokenUsage,
			messages: [asked?.messages ?? []].flat().join('\n'),
			text: json.response?.generations?.[0]?.[0]?.text ?? '',
		},
	];
}

function sumOf(calls: ModelCall[]): Tokens {
	return calls.reduce<Tokens>(
		(sum, call) => ({
			promptTokens: sum.promptTokens + call.promptTokens,
			completionTokens: sum.completionTokens + call.completionTokens,
		}),
		{ promptTokens: 0, completionTokens: 0 },
	);
}

function inOurNames({ promptTokens, completionTokens }: Tokens, estimated: boolean): IDataObject {
	return {
		input_tokens: promptTokens,
		output_tokens: completionTokens,
		...(estimated && { estimated }),
	};
}

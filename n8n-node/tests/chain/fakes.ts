import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { LangchainPromptCache } from '../../nodes/LangchainPromptCache/LangchainPromptCache.node';
import type { CallOptions, ChatModel, LLMResult, Message } from '../../shared/langchain/chatModel';
import { Execution } from '../fakes/execution';
import { sidecar } from '../fakes/freshSidecar';
import { FakeModel, message } from '../model/fakes';

/** A model as a chain calls it: it remembers what it was asked, and at what point of the story. */
export class AskedModel extends FakeModel {
	declare asked: Message[][];

	constructor(...parameters: ConstructorParameters<typeof FakeModel>) {
		super(...parameters);
		Object.defineProperty(this, 'asked', { value: [] });
	}

	static override _convertInputToPromptValue(turns: Array<[string, unknown]> = []) {
		const made = super._convertInputToPromptValue().messages[0]!;
		const messages = turns.map(([role, content]) =>
			role === 'ai'
				? Object.assign(Object.create(Object.getPrototypeOf(made) as object), { content })
				: message(role, content),
		);
		return { messages: messages as (typeof made)[] };
	}

	async generate([messages]: Message[][], options: CallOptions): Promise<LLMResult> {
		this.asked.push(messages!);
		options.signal?.throwIfAborted();
		const { generations, llmOutput } = await this._generate();
		return { generations: [generations], llmOutput };
	}
}

export interface Given {
	models: unknown;
	parser?: unknown;
	items?: INodeExecutionData[];
	continueOnFail?: boolean;
	signal?: AbortSignal;
	mode?: string;
}

/** Run the node over items with a field `question` each, against the fake cache server. */
export async function run(
	{ models, parser, items, continueOnFail = false, signal, mode = 'webhook' }: Given,
	parameters: IDataObject = {},
): Promise<{ items: INodeExecutionData[]; hints: string[] }> {
	const given = {
		promptType: 'define',
		text: (item: INodeExecutionData) => item.json.question,
		hasOutputParser: parser !== undefined,
		...parameters,
	};
	const made = new Execution({ Question: {}, Chain: { type: 'test.chain', parameters: given } }, [
		{ from: 'Question', to: 'Chain' },
	]);
	made.credentials.baseUrl = sidecar.url;
	made.continueOnFail = continueOnFail;
	made.put('Question', [items ?? [{ json: { question: 'hi' } }]]);
	const context: IExecuteFunctions = Object.assign(
		made.contextOf('Chain', { previousNode: 'Question' }),
		{
			getInputConnectionData: async (kind: string) =>
				kind === 'ai_languageModel' ? models : parser,
			getExecutionCancelSignal: () => signal,
			getParentCallbackManager: () => undefined,
			getExecutionId: () => '7',
			getMode: () => mode,
		},
	);
	const [output] = await new LangchainPromptCache().execute.call(context);
	return { items: output!, hints: made.hints.map(({ message }) => message) };
}

export function questions(...texts: string[]): INodeExecutionData[] {
	return texts.map((question) => ({ json: { question } }));
}

export function asked(model: ChatModel | AskedModel): unknown[] {
	return (model as AskedModel).asked.map((messages) => messages.map(({ content }) => content));
}

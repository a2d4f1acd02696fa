import type {
	IDataObject,
	IHttpRequestOptions,
	IRunData,
	ISupplyDataFunctions,
	ITaskData,
	NodeExecutionHint,
} from 'n8n-workflow';

import type {
	CallOptions,
	ChatModel,
	ChatResult,
	GenerationChunk,
	Message,
} from '../../shared/langchain/chatModel';
import { PromptCacheModel } from '../../nodes/PromptCacheModel/PromptCacheModel.node';

type Reply = IDataObject | Error | undefined;

/** What n8n hands to the node, with the sidecar's answers written down beforehand. */
export class FakeN8n {
	readonly sent: Array<{ path: string; body: IDataObject }> = [];
	readonly receipts: IDataObject[] = [];
	readonly hints: NodeExecutionHint[] = [];
	readonly parameters: Record<string, unknown> = {};
	/** The parameters as the user wrote them, expressions not worked out. */
	written: IDataObject = {};
	mode = 'webhook';

	readonly runData: IRunData = {};
	/** Set to hide what n8n does not publish. */
	private = false;
	items: IDataObject[] = [{}];

	private readonly closing: Array<() => Promise<void>> = [];
	private readonly finishing: Array<() => unknown> = [];
	private readonly executeData = { node: { name: 'AI' } };
	private readonly credential = `credential ${++credentials}`;
	private readonly scripts: Record<string, Reply[]> = {};

	constructor(
		/** The connected model, or what makes one for each connection, as n8n does. */
		private readonly connected: unknown,
		options: IDataObject = {},
	) {
		this.parameters.options = options;
		this.reply('/v1/store', { stored: true, ttl: 60 })
			.reply('/v1/release', { released: true })
			.reply('/v1/invalidate', { deleted: 1, dry_run: false });
	}

	/** What the sidecar answers on a route, one after the other; the last one for good. */
	reply(path: string, ...replies: Reply[]): this {
		this.scripts[path] = replies;
		return this;
	}

	misses(lease = 'lease-1'): this {
		const miss = { status: 'miss', key: 'k1', ticket: 'ticket-1', reason: 'not_found', lease };
		return this.reply('/v1/lookup', miss);
	}

	bodies(path: string): IDataObject[] {
		return this.sent.filter((call) => call.path === path).map(({ body }) => body);
	}

	/** The model that an agent gets. */
	async supply(): Promise<ChatModel> {
		const context = this.context();
		const { response, closeFunction } = await new PromptCacheModel().supplyData.call(context, 0);
		this.closing.push(closeFunction!);
		return response as ChatModel;
	}

	/** The AI node ends, well or not; with *Retry On Fail* it may start again. */
	async end(): Promise<void> {
		await Promise.all(this.closing.splice(0).map(async (close) => await close()));
	}

	/** The execution ends; `error` is what the AI node failed with. */
	async finish(error?: Error): Promise<void> {
		this.runData.AI = [logged({ error: error as ITaskData['error'] })];
		for (const handler of this.finishing) await handler();
	}

	/** What an output parser logs of a text. */
	parsed(text: string, error?: Error, parser = 'Parser', user = 'AI'): void {
		const inputOverride = { ai_outputParser: [[{ json: { action: 'parse', text } }]] };
		const source = [{ previousNode: user }];
		const run = logged({ inputOverride, source, error: error as ITaskData['error'] });
		this.runData[parser] = [...(this.runData[parser] ?? []), run];
	}

	private context(): ISupplyDataFunctions {
		let runs = 0;
		const id = this.credential;
		const internals = {
			executeData: this.executeData,
			parentNode: { name: 'AI' },
			runExecutionData: { resultData: { runData: this.runData } },
			onExecutionFinish: (handler: () => unknown) => this.finishing.push(handler),
		};
		return {
			...(this.private ? {} : internals),
			logger: { warn: () => {} },
			getInputData: () => this.items,
			getWorkflowDataProxy: () => ({ $runIndex: 0, $input: { all: () => this.items } }),
			getInputConnectionData: async () =>
				typeof this.connected === 'function' ? (this.connected as () => unknown)() : this.connected,
			getNode: () => ({
				name: 'Cached',
				parameters: this.written,
				credentials: { promptCacheApi: { id } },
			}),
			getWorkflow: () => ({ id: '1', name: 'Support bot' }),
			getMode: () => this.mode,
			getTimezone: () => 'UTC',
			getNodeParameter: (name: string, at: number, fallback: unknown) =>
				this.items[at]?.[name] ?? this.parameters[name] ?? fallback,
			getCredentials: async () => ({ baseUrl: 'http://sidecar' }),
			addInputData: () => ({ index: runs++ }),
			addOutputData: (_: string, __: number, data: Array<Array<{ json: IDataObject }>>) =>
				this.receipts.push(data[0]![0]!.json),
			addExecutionHints: (...hints: NodeExecutionHint[]) => this.hints.push(...hints),
			helpers: {
				httpRequestWithAuthentication: async (_: string, { url, body }: IHttpRequestOptions) =>
					this.answer(url, JSON.parse(JSON.stringify(body ?? {})) as IDataObject),
			},
		} as unknown as ISupplyDataFunctions;
	}

	private answer(path: string, body: IDataObject) {
		this.sent.push({ path, body });
		const script = this.scripts[path] ?? [];
		const reply = script.length > 1 ? script.shift() : script[0];
		if (reply instanceof Error) throw reply;
		const { type, status } = reply ?? {};
		const statusCode = typeof type === 'string' && type.startsWith('urn:') ? status : 200;
		return { statusCode, headers: {}, body: reply };
	}
}

let credentials = 0;

function logged(more: Partial<ITaskData>): ITaskData {
	const startTime = Date.now();
	return { startTime, executionTime: 0, executionIndex: 0, source: [], ...more };
}

/** A message of any kind, as far as the node looks at it. */
export function message(type: string, content: unknown, more: Partial<Message> = {}): Message {
	return { _getType: () => type, content, ...more };
}

class FakeAnswer {
	content: unknown = '';

	constructor(fields: object) {
		Object.assign(this, fields);
	}

	_getType() {
		return 'ai';
	}
}

class FakeBaseModel {
	lc_namespace = ['langchain', 'chat_models', 'fake'];

	static _convertInputToPromptValue() {
		return { messages: [new FakeAnswer({})] };
	}

	async *_streamResponseChunks(): AsyncGenerator<GenerationChunk> {
		await Promise.reject(new Error('Not implemented.'));
		yield* [];
	}
}

export type Said = string | Error | ChatResult;

/** A chat model in LangChain's ways that says what it is told to, in turn. */
export class FakeModel extends FakeBaseModel {
	model = 'fake-1';
	calls = 0;
	[setting: string]: unknown;

	private readonly script!: Said[];

	constructor(settings: Record<string, unknown> = {}, ...script: Said[]) {
		super();
		Object.assign(this, settings);
		Object.defineProperty(this, 'script', { value: script });
	}

	_llmType() {
		return 'fake';
	}

	invocationParams({ temperature, tools, tool_choice, conversation }: CallOptions) {
		return { temperature, tools, tool_choice, conversation };
	}

	async _generate(): Promise<ChatResult> {
		return this.next();
	}

	protected next(): ChatResult {
		const said = this.script[Math.min(this.calls++, this.script.length - 1)] ?? 'hello';
		if (said instanceof Error) throw said;
		return typeof said === 'string' ? result(said) : said;
	}
}

/** The same, that streams word by word; an error in its script comes after the words before it. */
export class FakeStreamingModel extends FakeModel {
	override async *_streamResponseChunks(): AsyncGenerator<GenerationChunk> {
		const { generations } = this.next();
		const words = generations[0]!.text.split(/(?= )/);
		for (const [at, text] of words.entries()) {
			if (text.trim() === 'BREAK') throw new Error('connection lost');
			yield chunk(text, at === words.length - 1 ? { finish_reason: 'stop' } : {});
		}
	}
}

export function result(text: string, more: Partial<Message> = {}): ChatResult {
	const said = new FakeAnswer({ content: text, ...more }) as unknown as Message;
	return { generations: [{ text, message: said, generationInfo: { finish_reason: 'stop' } }] };
}

function chunk(text: string, generationInfo: Record<string, unknown>): GenerationChunk {
	const [generation] = result(text).generations;
	return {
		...generation!,
		generationInfo,
		concat: (next) => chunk(text + next.text, { ...generationInfo, ...next.generationInfo }),
	};
}

/** An answer as the sidecar gives it back. */
export function stored(text: string): IDataObject {
	const message = { type: 'ai', data: { content: text, tool_calls: [] } };
	return { generations: [{ text, message, generationInfo: { finish_reason: 'stop' } }] };
}

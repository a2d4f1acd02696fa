import {
	createRunExecutionData,
	NodeApiError,
	NodeConnectionTypes,
	Workflow,
	WorkflowDataProxy,
	type IConnections,
	type IContextObject,
	type IExecuteData,
	type IExecuteFunctions,
	type IGetNodeParameterOptions,
	type IHttpRequestOptions,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type INodeTypes,
	type ISourceData,
	type ITaskMetadata,
	type NodeExecutionHint,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { PromptCache } from '../../nodes/PromptCache/PromptCache.node';

export const CACHE_TYPE = 'n8n-nodes-prompt-cache.promptCache';

type Value = unknown;
type Parameters = Record<string, Value | ((item: INodeExecutionData, index: number) => Value)>;

interface Wire {
	from: string;
	to: string;
	output?: number;
	input?: number;
	kind?: string;
}

/** A workflow that runs node by node: n8n's own graph and data proxy, with a record of what each node put out. */
export class Execution {
	private readonly parameters = new Map<string, Parameters>();
	private readonly contexts = new Map<string, IContextObject>();
	private readonly data = createRunExecutionData({});
	private readonly workflow: Workflow;
	readonly hints: NodeExecutionHint[] = [];
	private metadata?: ITaskMetadata;
	credentials = { baseUrl: 'http://127.0.0.1:9', token: 'secret', ignoreSslIssues: false };
	continueOnFail = false;
	mode: WorkflowExecuteMode = 'webhook';

	constructor(nodes: Record<string, { type?: string; parameters?: Parameters }>, wires: Wire[]) {
		const known = Object.entries(nodes).map(([name, { type = 'test.any', parameters = {} }]) => {
			this.parameters.set(name, parameters);
			const written = Object.entries(parameters).map(([key, value]) => [
				key,
				typeof value === 'function' ? `={{ ${key} }}` : value,
			]);
			const own = Object.fromEntries(written) as INode['parameters'];
			return {
				id: name,
				name,
				type,
				typeVersion: 1,
				position: [0, 0] as [number, number],
				parameters: own,
			};
		});
		const connections: IConnections = {};
		for (const { from, to, output = 0, input = 0, kind = NodeConnectionTypes.Main } of wires) {
			const outputs = ((connections[from] ??= {})[kind] ??= []);
			while (outputs.length <= output) outputs.push([]);
			outputs[output]!.push({ node: to, type: kind as 'main', index: input });
		}
		this.workflow = new Workflow({
			name: 'Support bot',
			nodes: known.map((node) => ({ ...node })),
			connections,
			active: false,
			nodeTypes: anyNodeType,
		});
		// The constructor keeps only parameters that the node type describes, and here there is one type for all.
		for (const { name, parameters } of known) this.workflow.nodes[name]!.parameters = parameters;
	}

	/** Let a node that is not under test put out these items. */
	put(name: string, outputs: INodeExecutionData[][], ...sources: Array<ISourceData | null>): this {
		const runs = (this.data.resultData.runData[name] ??= []);
		runs.push({
			startTime: 0,
			executionTime: 0,
			executionIndex: runs.length,
			source: sources.length > 0 ? sources : [null],
			data: { main: outputs },
		});
		return this;
	}

	/** What a node noted on its last run. */
	noteOn(name: string, metadata: object): this {
		this.data.resultData.runData[name]!.at(-1)!.metadata = metadata;
		return this;
	}

	/** Run a Prompt Cache node on what `source` put out, and record what comes of it. */
	async run(name: string, ...sources: Array<ISourceData | null>): Promise<INodeExecutionData[][]> {
		this.metadata = undefined;
		const outputs = await new PromptCache().execute.call(this.contextOf(name, ...sources));
		this.put(name, outputs, ...sources);
		this.data.resultData.runData[name]!.at(-1)!.metadata = this.metadata;
		return outputs;
	}

	/** A context as n8n hands it to a node, with what each of its inputs is fed from; null where nothing came. */
	contextOf(name: string, ...sources: Array<ISourceData | null>): IExecuteFunctions {
		const node = this.workflow.getNode(name)!;
		const inputs = sources.map((source) => this.itemsOf(source));
		const items = inputs.find(({ length }) => length > 0) ?? [];
		const executeData = {
			node,
			data: { main: inputs },
			source: { main: sources },
		} as unknown as IExecuteData;
		const given = this.parameters.get(name)!;
		const context = {
			getNode: () => node,
			workflow: this.workflow,
			runExecutionData: this.data,
			getMode: () => this.mode,
			getTimezone: () => 'UTC',
			getWorkflow: () => ({ id: '1', name: this.workflow.name, active: false }),
			getInputData: (input = 0) => inputs[input],
			getInputSourceData: (input = 0) => sources[input],
			getNodeParameter: (
				parameter: string,
				index: number,
				fallback?: unknown,
				{ extractValue = false }: IGetNodeParameterOptions = {},
			) => {
				const value = parameter.split('.').reduce<unknown>(member, given);
				const resolved = typeof value === 'function' ? value(items[index]!, index) : value;
				return (extractValue ? chosen(resolved) : resolved) ?? fallback;
			},
			getWorkflowDataProxy: (index: number) =>
				new WorkflowDataProxy(
					this.workflow,
					this.data,
					0,
					index,
					name,
					items,
					{},
					'trigger',
					{},
					executeData,
				).getDataProxy(),
			getParentNodes: (of: string, options?: { connectionType?: 'main'; depth?: number }) =>
				this.workflow
					.getParentNodes(of, options?.connectionType, options?.depth)
					.map((parent) => this.described(parent)),
			getChildNodes: (of: string) =>
				this.workflow.getChildNodes(of).map((child) => this.described(child)),
			getConnections: ({ name: of }: { name: string }, kind: string) =>
				this.workflow.connectionsByDestinationNode[of]?.[kind] ?? [],
			getContext: () => {
				const kept = this.contexts.get(name) ?? {};
				this.contexts.set(name, kept);
				return kept;
			},
			getCredentials: async () => this.credentials,
			setMetadata: (metadata: ITaskMetadata) => (this.metadata = metadata),
			continueOnFail: () => this.continueOnFail,
			addExecutionHints: (...hints: NodeExecutionHint[]) => this.hints.push(...hints),
			helpers: {
				httpRequestWithAuthentication: async (_: string, options: IHttpRequestOptions) =>
					await this.request(node, options),
				getBinaryDataBuffer: async (index: number, property: string) =>
					Buffer.from(items[index]!.binary![property]!.data, 'base64'),
			},
		};
		return context as unknown as IExecuteFunctions;
	}

	private itemsOf(source: ISourceData | null): INodeExecutionData[] {
		if (!source) return [];
		const runs = this.data.resultData.runData[source.previousNode]!;
		const run = runs[source.previousNodeRun ?? runs.length - 1]!;
		const outputs = run.data!.main![source.previousNodeOutput ?? 0] ?? [];
		return outputs.map((item, at) => ({ ...item, pairedItem: { item: at } }));
	}

	private described(name: string) {
		const { type, typeVersion, disabled = false, parameters } = this.workflow.getNode(name)!;
		return { name, type, typeVersion, disabled, parameters };
	}

	/** As n8n does: a timeout, the credential's header, and a NodeApiError around whatever the client throws. */
	private async request(node: INode, options: IHttpRequestOptions) {
		const url = new URL(`${options.baseURL}${options.url}`);
		for (const [name, value] of Object.entries(options.qs ?? {}))
			url.searchParams.set(name, String(value));
		try {
			const reply = await fetch(url, {
				method: options.method,
				body: options.body ? JSON.stringify(options.body) : undefined,
				headers: {
					'Content-Type': 'application/json',
					Authorization: `Bearer ${this.credentials.token}`,
				},
				signal: AbortSignal.timeout(options.timeout ?? 1000),
			});
			const text = await reply.text();
			const json = reply.headers.get('content-type')?.includes('json');
			return {
				statusCode: reply.status,
				headers: Object.fromEntries(reply.headers),
				body: json ? (JSON.parse(text) as unknown) : text,
			};
		} catch (thrown) {
			const { name, message, cause } = thrown as Error & {
				cause?: { code?: string; message: string };
			};
			const code = name === 'TimeoutError' ? 'ECONNABORTED' : cause?.code;
			throw new NodeApiError(node, { message: cause?.message ?? message, code: code ?? '' });
		}
	}
}

function member(of: unknown, name: string): unknown {
	return (of as Record<string, unknown> | undefined)?.[name];
}

/** The name in what a list with free text gives. */
function chosen(value: unknown): unknown {
	return typeof value === 'object' && value !== null && '__rl' in value
		? member(value, 'value')
		: value;
}

const anyNodeType: INodeTypes = {
	getByName: () => anyType,
	getByNameAndVersion: () => anyType,
	getKnownTypes: () => ({}),
};

const anyType = {
	description: { properties: [], inputs: ['main'], outputs: ['main'] },
} as unknown as INodeType;

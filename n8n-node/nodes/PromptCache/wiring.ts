import {
	NodeConnectionTypes,
	type IConnection,
	type IExecuteFunctions,
	type NodeConnectionType,
	type NodeTypeAndVersion,
} from 'n8n-workflow';

import { internalsOf } from '../../shared/internals';
import { ANSWER_INPUT } from './missRecord';

const { AiLanguageModel, AiTool, Main } = NodeConnectionTypes;

const AI_PACKAGE = '@n8n/n8n-nodes-langchain.';
const AI_OUTSIDE = ['n8n-nodes-base.openAi', 'n8n-nodes-base.httpRequest'];
/** Of the AI nodes, those that may pass their input on. */
const PASSING_ON = ['textClassifier', 'sentimentAnalysis', 'guardrails', 'code'];

/** Whether a node is of this very type and, where given, does this operation on answers. */
export function isCacheNode(
	context: IExecuteFunctions,
	{ type, parameters = {} }: NodeTypeAndVersion,
	operation?: 'lookUp' | 'store',
): boolean {
	if (type !== context.getNode().type) return false;
	if (!operation) return true;
	// n8n leaves out what stands at its default.
	const { resource = 'answer', operation: chosen = 'lookUp' } = parameters;
	return resource === 'answer' && chosen === operation;
}

/** What a node may know of the workflow around it. */
export class Wiring {
	private readonly nodes = new Map<string, NodeTypeAndVersion>();
	private readonly parents = new Map<string, NodeTypeAndVersion[]>();
	private children?: NodeTypeAndVersion[];

	constructor(private readonly context: IExecuteFunctions) {
		this.parentsOf(context.getNode().name);
	}

	/** The nodes to which a way leads from this one. */
	get below(): NodeTypeAndVersion[] {
		if (!this.children) {
			const { name } = this.context.getNode();
			this.children = this.context.getChildNodes(name, { includeNodeParameters: true });
			for (const node of this.children) this.nodes.set(node.name, node);
		}
		return this.children;
	}

	/** What leads into a node, by one of its inputs or by all. */
	connectionsInto(name: string, input?: number): IConnection[] {
		const inputs = this.inputsOf(name);
		return input === undefined ? inputs.flat() : (inputs[input] ?? []);
	}

	isLookUp(name: string): boolean {
		return this.does(name, 'lookUp') && !this.nodes.get(name)!.disabled;
	}

	isStore(name: string): boolean {
		return this.does(name, 'store') && !this.nodes.get(name)!.disabled;
	}

	isSwitchedOffLookUp(name: string): boolean {
		return this.does(name, 'lookUp') && this.nodes.get(name)!.disabled;
	}

	hasModel(name: string): boolean {
		return this.has(name, AiLanguageModel);
	}

	callsTools(name: string): boolean {
		return this.has(name, AiTool);
	}

	isAi(name: string): boolean {
		const { type = '' } = this.nodes.get(name) ?? {};
		return type.startsWith(AI_PACKAGE) || AI_OUTSIDE.includes(type) || this.hasModel(name);
	}

	/** Whether what such an AI node puts out is known to be of its own making, whatever fields it has. */
	putsOutItsOwn(node: string): boolean {
		const { type = '' } = this.nodes.get(node) ?? {};
		if (PASSING_ON.some((name) => type === AI_PACKAGE + name)) return false;
		return type.startsWith(AI_PACKAGE) || AI_OUTSIDE.includes(type);
	}

	/** The Stores to which the misses of this node lead, without another Look Up's or another Store's between them. */
	storesBehind(): string[] {
		const stores = this.below.map(({ name }) => name).filter((name) => this.isStore(name));
		return stores.filter((store) => this.leadsTo(this.context.getNode().name, store));
	}

	/** Stores that are switched off, and let pass only what comes into their first input. */
	switchedOffStoresBehind(): string[] {
		const stores = this.below.filter(({ name }) => this.does(name, 'store'));
		return stores.filter(({ disabled }) => disabled).map(({ name }) => name);
	}

	/** Into which nodes, and by which of their inputs, an output of this one leads. */
	targetsOf(output: number): Array<{ node: string; input: number }> {
		const { name: self } = this.context.getNode();
		return this.below.flatMap(({ name }) =>
			this.inputsOf(name).flatMap((connections, input) =>
				connections
					.filter(({ node, index }) => node === self && index === output)
					.map(() => ({ node: name, input })),
			),
		);
	}

	/** Walk back from a node's first input; what stands between another Store and its Look Up does not count. */
	private leadsTo(lookUp: string, from: string): boolean {
		const visited = new Set<string>();
		const walk = (name: string, passed: number, input?: number): boolean => {
			const place = `${passed} ${name}`;
			if (visited.has(place)) return false;
			visited.add(place);
			return this.connectionsInto(name, input).some(({ node }) => {
				if (node === from) return false;
				if (!this.isLookUp(node)) return walk(node, passed + (this.isStore(node) ? 1 : 0));
				return passed === 0 ? node === lookUp : walk(node, passed - 1);
			});
		};
		return walk(from, 0, ANSWER_INPUT);
	}

	private inputsOf(name: string): IConnection[][] {
		const parents = this.parentsOf(name);
		const inputs = internalsOf(this.context).getConnections?.call(this.context, { name }, Main);
		// Where n8n no longer tells, each parent counts as connected by its first output.
		const assumed = () => [parents.map(({ name: node }) => ({ node, type: Main, index: 0 }))];
		return Array.from(inputs ?? assumed(), (connections) => connections ?? []);
	}

	private does(name: string, operation: 'lookUp' | 'store'): boolean {
		const node = this.nodes.get(name);
		return node !== undefined && isCacheNode(this.context, node, operation);
	}

	private has(name: string, connectionType: NodeConnectionType): boolean {
		return this.context.getParentNodes(name, { connectionType, depth: 1 }).length > 0;
	}

	private parentsOf(name: string): NodeTypeAndVersion[] {
		let parents = this.parents.get(name);
		if (!parents) {
			parents = this.context.getParentNodes(name, { includeNodeParameters: true, depth: 1 });
			for (const parent of parents) this.nodes.set(parent.name, parent);
			this.parents.set(name, parents);
		}
		return parents;
	}
}

import {
	NodeConnectionTypes,
	NodeOperationError,
	type IConnection,
	type IContextObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type IPairedItemData,
	type ISourceData,
	type IWorkflowDataProxyData,
	type NodeConnectionType,
	type NodeInputConnections,
	type NodeTypeAndVersion,
} from 'n8n-workflow';

import { ANSWER_INPUT, HIT_OUTPUT, MISS_OUTPUT, missRecordOf, type MissRecord } from './missRecord';

/** The question that an answer belongs to. */
export interface Origin {
	/** The Look Up node. */
	node: string;
	/** Which of its runs. */
	run: number;
	record: MissRecord;
	/** The item as Look Up let it through. */
	item: INodeExecutionData;
}

/** The place of an item among those that went into a Look Up. */
export interface Known {
	/** The Look Up node. */
	node: string;
	position: number;
}

/** One of the items that a node put out. */
interface Place {
	node: string;
	output: number;
	at: number;
}

/** Every context has this, though n8n does not publish its type. */
interface Wiring {
	getConnections(destination: { name: string }, type: NodeConnectionType): NodeInputConnections;
}

type ReadOutput = (output: number, run?: number) => INodeExecutionData[];

const PUT_STORE_NEXT =
	'Put Store right after the AI node on the Miss branch of Look Up, before any Merge, Aggregate or Split Out.';

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

/**
 * Walks back from the items of a node to the Look Up that missed them.
 *
 * n8n's own way back can be led astray: an AI Agent that called a tool is recorded as fed from output 0 of whatever
 * feeds it. Where tools are called on the way, only the connections count, and they tell by which output of a node an
 * item came only if a single connection of that node leads here.
 */
export class Lineage {
	private readonly self: string;
	private readonly proxy: IWorkflowDataProxyData;
	private readonly source: ISourceData;
	private readonly nodes = new Map<string, NodeTypeAndVersion>();
	private readonly parents = new Map<string, NodeTypeAndVersion[]>();
	private readonly outputs = new Map<string, INodeExecutionData[]>();
	/** This node and those from which an item gets here without another look up. */
	private readonly upstream = new Set<string>();
	/** n8n keeps it for all runs of the node in one execution. */
	private readonly settled: IContextObject;

	/** `input` is the one whose items are walked back. */
	constructor(
		private readonly context: IExecuteFunctions,
		private readonly input = ANSWER_INPUT,
	) {
		this.self = context.getNode().name;
		this.proxy = context.getWorkflowDataProxy(0);
		this.source = context.getInputSourceData(input);
		this.settled = context.getContext('node');
		this.collectUpstream(this.self);
	}

	/** Find the question that the incoming item `itemIndex` answers, or throw what the user can do about it. */
	originOf(itemIndex: number): Origin {
		const { node, places, way } = this.search(itemIndex);
		const foreign = () =>
			this.operationError(
				itemIndex,
				`The item did not come from the Miss output of "${node}"`,
				'Connect only the Miss output of Look Up to the AI node. What comes out of Hit is an answer already: it goes to the Hit input of Store. If the output of Look Up is pinned, unpin it.',
			);
		if (places.some(({ output }) => output !== MISS_OUTPUT)) throw foreign();
		const origin = (item: INodeExecutionData | undefined): Origin => {
			const record = missRecordOf(item);
			if (!item || !record) throw foreign();
			return { node, run: this.proxy.$node[node].runIndex as number, record, item };
		};
		const theirs = this.accordingToN8n(node, itemIndex);
		if (theirs && !way.some((name) => this.callsTools(name))) return origin(theirs);
		if (places.length > 1) throw this.ambiguous(itemIndex);
		const mine = origin(this.itemsOf(node, MISS_OUTPUT)[places[0]!.at]);
		if (way.every((name) => this.waysFrom(name) === 1)) return mine;
		throw this.ambiguous(itemIndex);
	}

	/** Find which item of Look Up the incoming hit `itemIndex` is, or throw what the user can do about it. */
	knownOf(itemIndex: number): Known {
		const { node, places } = this.search(itemIndex);
		const known =
			this.accordingToN8n(node, itemIndex) ?? this.itemsOf(node, HIT_OUTPUT)[places[0]!.at];
		if (known && places.every(({ output }) => output === HIT_OUTPUT)) {
			return { node, position: positionOf(known) };
		}
		throw this.operationError(
			itemIndex,
			`The item did not come from the Hit output of "${node}"`,
			'Connect the Hit output of Look Up to the Hit input of Store, and the AI node to its Answer input.',
		);
	}

	/** Note that a question has its answer; throws if it had one already, in this run of the node or an earlier one. */
	settle({ node, run, item }: Origin, itemIndex: number): void {
		const question = `${node} ${run} ${positionOf(item)}`;
		if (this.settled[question]) {
			throw this.operationError(
				itemIndex,
				'There is an answer to this question already',
				`Connect only the Miss output of Look Up to the AI node, and only once. ${PUT_STORE_NEXT}`,
			);
		}
		this.settled[question] = true;
	}

	/** The items that Look Up held back because they repeat this question. */
	repeatsOf({ node, run, record }: Origin): INodeExecutionData[] {
		if (record.repeats.length === 0) return [];
		const parked = this.read(node, record.repeatsOutput, run);
		return record.repeats.map((position) => parked[position]!);
	}

	/** A Look Up, which of its items an incoming one may come from, and the nodes on the way to them. */
	private search(itemIndex: number): { node: string; places: Place[]; way: string[] } {
		const { previousNode, previousNodeOutput: output = 0 } = this.source;
		const visited = new Map<string, Place>();
		const places = this.walk({ node: previousNode, output, at: itemIndex }, visited);
		const [node, ...others] = new Set(places.map((place) => place.node));
		if (!node) {
			throw this.operationError(
				itemIndex,
				'No question was found for this answer',
				`Store needs a Look Up before it. ${PUT_STORE_NEXT}`,
			);
		}
		if (others.length > 0) throw this.ambiguous(itemIndex);
		return { node, places, way: [...new Set([...visited.values()].map((visit) => visit.node))] };
	}

	private walk(place: Place, visited: Map<string, Place>): Place[] {
		const { node, output, at } = place;
		const name = `${at} ${output} ${node}`;
		if (visited.has(name)) return [];
		visited.set(name, place);
		if (this.isLookUp(node)) return [place];
		const item = this.itemsOf(node, output)[at];
		if (!item) return [];
		const parents = this.parentsOf(node).filter((parent) => this.proxy.$(parent.name).isExecuted);
		return pairsOf(item).flatMap((pair) =>
			this.connectionsOf(node)
				.filter((connection) => parents.some((parent) => parent.name === connection.node))
				.flatMap((connection) =>
					this.walk({ node: connection.node, output: connection.index, at: pair.item }, visited),
				),
		);
	}

	private isLookUp(name: string): boolean {
		const node = this.nodes.get(name);
		return node !== undefined && isCacheNode(this.context, node, 'lookUp');
	}

	private callsTools(name: string): boolean {
		const connectionType = NodeConnectionTypes.AiTool;
		return this.context.getParentNodes(name, { connectionType, depth: 1 }).length > 0;
	}

	/** By how many connections the items of a node can get here. */
	private waysFrom(name: string): number {
		let ways = 0;
		for (const child of this.upstream) {
			if (this.parentsOf(child).some((parent) => parent.name === name)) {
				ways += this.connectionsBetween(name, child);
			}
		}
		return ways;
	}

	private connectionsBetween(parent: string, child: string): number {
		return this.connectionsOf(child).filter(({ node }) => node === parent).length;
	}

	/** What leads into a node; into this one, by the input in question. */
	private connectionsOf(name: string): IConnection[] {
		const { getConnections } = this.context as IExecuteFunctions & Wiring;
		const inputs = getConnections.call(this.context, { name }, NodeConnectionTypes.Main);
		const used = name === this.self ? [inputs[this.input]] : inputs;
		return used.flatMap((connections) => connections ?? []);
	}

	private collectUpstream(name: string): void {
		this.upstream.add(name);
		for (const parent of this.parentsOf(name)) {
			if (!this.upstream.has(parent.name) && !this.isLookUp(parent.name)) {
				this.collectUpstream(parent.name);
			}
		}
	}

	private parentsOf(name: string): NodeTypeAndVersion[] {
		let parents = this.parents.get(name);
		if (!parents) {
			// In a loop a node is among its own ancestors; nothing it put out is waiting for it.
			const connected = new Set(this.connectionsOf(name).map(({ node }) => node));
			parents = this.context
				.getParentNodes(name, { includeNodeParameters: true, depth: 1 })
				.filter((parent) => connected.has(parent.name) && parent.name !== this.self);
			for (const parent of parents) this.nodes.set(parent.name, parent);
			this.parents.set(name, parents);
		}
		return parents;
	}

	/** What a node put out, in the run that led here or its latest. */
	private itemsOf(node: string, output: number): INodeExecutionData[] {
		const name = `${output} ${node}`;
		let items = this.outputs.get(name);
		if (!items) {
			const { previousNode, previousNodeRun = 0 } = this.source;
			items = this.read(node, output, node === previousNode ? previousNodeRun : undefined);
			this.outputs.set(name, items);
		}
		return items;
	}

	private read(node: string, output: number, run?: number): INodeExecutionData[] {
		try {
			return (this.proxy.$(node).all as ReadOutput)(output, run) ?? [];
		} catch {
			return [];
		}
	}

	private accordingToN8n(lookUp: string, itemIndex: number): INodeExecutionData | undefined {
		try {
			return this.proxy.$getPairedItem(lookUp, this.source, {
				item: itemIndex,
			}) as INodeExecutionData;
		} catch {
			return undefined;
		}
	}

	private ambiguous(itemIndex: number): NodeOperationError {
		return this.operationError(
			itemIndex,
			'The answer could belong to more than one question',
			`Several ways lead from Look Up to this node. ${PUT_STORE_NEXT} Where there are several AI nodes, give each a Store of its own.`,
		);
	}

	private operationError(
		itemIndex: number,
		message: string,
		description: string,
	): NodeOperationError {
		return new NodeOperationError(this.context.getNode(), message, { itemIndex, description });
	}
}

/** Where an item of Look Up stood before it was looked up. */
export function positionOf(item: INodeExecutionData): number {
	return pairsOf(item)[0]?.item ?? 0;
}

function pairsOf({ pairedItem }: INodeExecutionData): IPairedItemData[] {
	if (pairedItem === undefined) return [];
	const pairs = Array.isArray(pairedItem) ? pairedItem : [pairedItem];
	return pairs.map((pair) => (typeof pair === 'number' ? { item: pair } : pair));
}

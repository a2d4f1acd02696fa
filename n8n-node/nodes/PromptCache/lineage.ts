import {
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type IPairedItemData,
	type ISourceData,
	type IWorkflowDataProxyData,
	type NodeTypeAndVersion,
} from 'n8n-workflow';

import { PARKED_OUTPUT, missRecordOf, type MissRecord } from './missRecord';

/** The question that an answer belongs to. */
export interface Origin {
	/** The Look Up node. */
	node: string;
	/** Which of its runs. */
	run: number;
	/** Position among the missed items. */
	at: number;
	record: MissRecord;
	/** The item as Look Up let it through. */
	item: INodeExecutionData;
}

interface Place {
	node: string;
	at: number;
}

type ReadOutput = (output?: number, run?: number) => INodeExecutionData[];

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
 * feeds it. The walk therefore follows the connections, and stands only where n8n does not contradict it.
 */
export class Lineage {
	private readonly proxy: IWorkflowDataProxyData;
	private readonly source: ISourceData;
	private readonly nodes = new Map<string, NodeTypeAndVersion>();
	private readonly parents = new Map<string, NodeTypeAndVersion[]>();
	private readonly outputs = new Map<string, INodeExecutionData[]>();

	constructor(private readonly context: IExecuteFunctions) {
		this.proxy = context.getWorkflowDataProxy(0);
		this.source = context.getInputSourceData();
		this.parentsOf(context.getNode().name);
	}

	/** Find the question that the incoming item `itemIndex` answers, or throw what the user can do about it. */
	originOf(itemIndex: number): Origin {
		const found = this.search({ node: this.source.previousNode, at: itemIndex }, new Set());
		const places = [
			...new Map(found.map((place) => [`${place.at} ${place.node}`, place])).values(),
		];
		const [place] = places;
		if (!place) {
			throw this.refusal(
				itemIndex,
				'No question was found for this answer',
				`Store needs a Look Up before it. ${PUT_STORE_NEXT}`,
			);
		}
		if (places.length > 1) throw this.ambiguous(itemIndex);
		const { node, at } = place;
		const item = this.itemsOf(node)[at];
		const record = missRecordOf(item);
		if (!item || !record) {
			throw this.refusal(
				itemIndex,
				`The item did not come from the Miss output of "${node}"`,
				'Connect only the Miss output of Look Up to the AI node. What comes out of Hit is an answer already.',
			);
		}
		const theirs = this.accordingToN8n(node, itemIndex);
		if (theirs && missRecordOf(theirs)?.key !== record.key) throw this.ambiguous(itemIndex);
		return { node, run: this.proxy.$node[node].runIndex as number, at, record, item };
	}

	/** The items that Look Up held back because they repeat this question. */
	repeatsOf({ node, record }: Origin): INodeExecutionData[] {
		if (record.repeats.length === 0) return [];
		const parked = this.read(node)(PARKED_OUTPUT);
		return record.repeats.map((position) => parked[position]!);
	}

	private search({ node, at }: Place, visited: Set<string>): Place[] {
		const step = `${at} ${node}`;
		if (visited.has(step)) return [];
		visited.add(step);
		const item = this.itemsOf(node)[at];
		if (!item) return [];
		if (this.isLookUp(node)) return [{ node, at }];
		const parents = this.parentsOf(node).filter((parent) => this.proxy.$(parent.name).isExecuted);
		return pairsOf(item).flatMap((pair) =>
			parents.flatMap((parent) => this.search({ node: parent.name, at: pair.item }, visited)),
		);
	}

	private isLookUp(name: string): boolean {
		const node = this.nodes.get(name);
		return node !== undefined && isCacheNode(this.context, node, 'lookUp');
	}

	private parentsOf(name: string): NodeTypeAndVersion[] {
		let parents = this.parents.get(name);
		if (!parents) {
			// In a loop a node is among its own ancestors; nothing it put out is waiting for it.
			parents = this.context
				.getParentNodes(name, { includeNodeParameters: true, depth: 1 })
				.filter((parent) => parent.name !== this.context.getNode().name);
			for (const parent of parents) this.nodes.set(parent.name, parent);
			this.parents.set(name, parents);
		}
		return parents;
	}

	/** What a node put out towards this one, in its latest run. */
	private itemsOf(node: string): INodeExecutionData[] {
		let items = this.outputs.get(node);
		if (!items) {
			items =
				node === this.source.previousNode
					? this.read(node)(this.source.previousNodeOutput ?? 0, this.source.previousNodeRun ?? 0)
					: this.read(node)();
			this.outputs.set(node, items);
		}
		return items;
	}

	private read(node: string): ReadOutput {
		return (output, run) => {
			try {
				return (this.proxy.$(node).all as ReadOutput)(output, run) ?? [];
			} catch {
				return [];
			}
		};
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
		return this.refusal(
			itemIndex,
			'The answer could belong to more than one question',
			`Several ways lead from Look Up to this node. ${PUT_STORE_NEXT}`,
		);
	}

	private refusal(itemIndex: number, message: string, description: string): NodeOperationError {
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

import {
	NodeOperationError,
	type IContextObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type IPairedItemData,
	type ISourceData,
	type IWorkflowDataProxyData,
} from 'n8n-workflow';

import { ANSWER_INPUT, HIT_OUTPUT, MISS_OUTPUT, missRecordOf, type MissRecord } from './missRecord';
import { Wiring } from './wiring';

/** The question that an answer belongs to. */
export interface Origin {
	/** The Look Up node. */
	node: string;
	/** Which of its runs. */
	run: number;
	/** What tells it from any other question of this execution. */
	id: string;
	record: MissRecord;
	/** The item as Look Up let it through. */
	item: INodeExecutionData;
	/** The first AI node on the way, where one is known. */
	ai?: AiStep;
}

/** What an AI node made of an item. */
export interface AiStep {
	node: string;
	/** The item that it put out, if that holds nothing which merely came in. */
	own?: INodeExecutionData;
	output: INodeExecutionData;
	/** The nodes that the item went through afterwards. */
	after: string[];
}

/** One of the items that a node put out. */
interface Place {
	node: string;
	output: number;
	at: number;
	run?: number;
	/** How many Look Ups are still to be passed, since their Stores were. */
	nested: number;
	/** Where the item went from there; nothing when it came here. */
	next?: Place;
}

type ReadOutput = (output: number, run?: number) => INodeExecutionData[];

const PUT_STORE_NEXT =
	'Put Store right after the AI node on the Miss branch of Look Up, before any Merge, Aggregate or Split Out.';

/**
 * Walks back from the items of a node to the Look Up that missed them.
 *
 * n8n's own way back can be led astray: an AI Agent that called a tool is recorded as fed from output 0 of whatever
 * feeds it. Where tools are called on the way, only the connections count.
 */
export class Lineage {
	private readonly self: string;
	private readonly proxy: IWorkflowDataProxyData;
	private readonly source: ISourceData;
	private readonly wiring: Wiring;
	private readonly outputs = new Map<string, INodeExecutionData[]>();
	/** n8n keeps it for all runs of the node in one execution. */
	private readonly settled: IContextObject;

	/** `input` is the one whose items are walked back. */
	constructor(
		private readonly context: IExecuteFunctions,
		input = ANSWER_INPUT,
	) {
		this.self = context.getNode().name;
		this.proxy = context.getWorkflowDataProxy(0);
		this.source = context.getInputSourceData(input);
		this.wiring = new Wiring(context);
		this.settled = context.getContext('node');
	}

	/**
	 * Find the question that the incoming item `itemIndex` answers, or throw what the user can do about it; nothing where
	 * Look Up is switched off.
	 */
	originOf(itemIndex: number): Origin | undefined {
		const found = this.search(itemIndex);
		if (!found) return undefined;
		const { node, places, way } = found;
		const foreign = () =>
			this.operationError(
				itemIndex,
				`The item did not come from the Miss output of "${node}"`,
				'Connect only the Miss output of Look Up to the AI node. What comes out of Hit is an answer already: it goes to the Hit input of Store. If the output of Look Up is pinned, unpin it.',
			);
		if (places.some(({ output }) => output !== MISS_OUTPUT)) throw foreign();
		const theirs = this.accordingToN8n(node, itemIndex);
		const trusted = theirs && !way.some((name) => this.wiring.callsTools(name));
		const item = trusted ? theirs : this.itemAt(places[0]!);
		const record = missRecordOf(item);
		if (!item || !record) throw foreign();
		const [place, ...others] = places.filter((each) => this.itemAt(each) === item);
		if (!trusted && places.length > 1) throw this.ambiguous(itemIndex);
		const run = this.proxy.$node[node].runIndex as number;
		return {
			node,
			run,
			id: `${node} ${run} ${positionOf(item)}`,
			record,
			item,
			ai: place && others.length === 0 ? this.aiStepFrom(place) : undefined,
		};
	}

	/** Find where the incoming hit `itemIndex` stood in Look Up, or throw what the user can do about it. */
	knownPositionOf(itemIndex: number): number {
		const found = this.search(itemIndex);
		if (!found) return itemIndex;
		const { node, places } = found;
		const known = this.accordingToN8n(node, itemIndex) ?? this.itemAt(places[0]!);
		if (known && places.every(({ output }) => output === HIT_OUTPUT)) return positionOf(known);
		throw this.operationError(
			itemIndex,
			`The item did not come from the Hit output of "${node}"`,
			'Connect the Hit output of Look Up to the Hit input of Store, and the AI node to its Answer input.',
		);
	}

	/** Note that a question has its answer; throws if an earlier run of the node has given it one. */
	settle({ id }: Origin, itemIndex: number): void {
		if (this.settled[id]) {
			throw this.operationError(
				itemIndex,
				'There is an answer to this question already',
				`It came in an earlier run of this node. Where the AI gives several answers to one question, let them come together: put Store before the loop that takes them apart. Otherwise connect the Miss output of Look Up only once. ${PUT_STORE_NEXT}`,
			);
		}
		this.settled[id] = true;
	}

	/** The items that Look Up held back because they repeat this question. */
	repeatsOf({ node, run, record }: Origin): INodeExecutionData[] {
		if (record.repeats.length === 0) return [];
		const parked = this.read(node, record.repeatsOutput, run);
		return record.repeats.map((position) => parked[position]!);
	}

	/** A Look Up, which of its items an incoming one may come from, and the nodes on the way to them. */
	private search(itemIndex: number): { node: string; places: Place[]; way: string[] } | undefined {
		const { previousNode, previousNodeOutput, previousNodeRun } = this.source;
		const visited = new Map<string, Place>();
		const places = this.walk(
			{
				node: previousNode,
				output: previousNodeOutput ?? 0,
				run: previousNodeRun ?? 0,
				at: itemIndex,
				nested: 0,
			},
			visited,
		);
		const way = [...new Set([...visited.values()].map((visit) => visit.node))];
		const [node, ...others] = new Set(places.map((place) => place.node));
		if (others.length > 0) throw this.ambiguous(itemIndex);
		if (node) return { node, places, way };
		if (way.some((name) => this.wiring.isSwitchedOffLookUp(name))) return undefined;
		throw this.operationError(
			itemIndex,
			'No question was found for this answer',
			`Store needs a Look Up before it. ${PUT_STORE_NEXT}`,
		);
	}

	private walk(place: Place, visited: Map<string, Place>): Place[] {
		const { node, output, at } = place;
		const name = `${at} ${output} ${place.nested} ${node}`;
		if (visited.has(name)) return [];
		visited.set(name, place);
		let { nested } = place;
		if (this.wiring.isLookUp(node)) {
			if (nested === 0) return [place];
			nested--;
		} else if (this.wiring.isStore(node)) {
			nested++;
		}
		return pairsOf(this.itemAt(place)).flatMap((pair) =>
			this.sourcesOf(node, pair).flatMap((source) =>
				this.walk({ ...source, at: pair.item, nested, next: place }, visited),
			),
		);
	}

	/** The outputs from which a node's item may have come in. */
	private sourcesOf(
		name: string,
		{ input, sourceOverwrite }: IPairedItemData,
	): Array<Pick<Place, 'node' | 'output' | 'run'>> {
		// A Store says so of what Look Up held back; a loop, of rounds whose other nodes can no longer be read.
		if (sourceOverwrite && this.wiring.isStore(name)) {
			const { previousNode, previousNodeOutput = 0, previousNodeRun } = sourceOverwrite;
			this.wiring.connectionsInto(name);
			return [{ node: previousNode, output: previousNodeOutput, run: previousNodeRun }];
		}
		return (
			this.wiring
				.connectionsInto(name, input)
				// In a loop a node is among its own ancestors; nothing it put out is waiting for it.
				.filter(({ node }) => node !== this.self && this.proxy.$(node).isExecuted)
				.map(({ node, index }) => ({ node, output: index }))
		);
	}

	/** What the first AI node on the way from an item of Look Up to here made of it. */
	private aiStepFrom(place: Place): AiStep | undefined {
		let input = place;
		for (let step = place.next; step; input = step, step = step.next) {
			const { node } = step;
			if (!this.wiring.isAi(node)) continue;
			const output = this.itemAt(step)!;
			const before = this.itemAt(input)!;
			const dropped = Object.keys(before.json).some((field) => !(field in output.json));
			const after: string[] = [];
			for (let later = step.next; later; later = later.next) after.push(later.node);
			const own = dropped || this.wiring.putsOutItsOwn(node) ? output : undefined;
			return { node, own, output, after };
		}
		return undefined;
	}

	/** In the run that led here, or in the latest of its node. */
	private itemAt({ node, output, run, at }: Place): INodeExecutionData | undefined {
		const name = `${output} ${run} ${node}`;
		let items = this.outputs.get(name);
		if (!items) {
			items = this.read(node, output, run);
			this.outputs.set(name, items);
		}
		return items[at];
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

/** From which items a node made this one. */
export function pairsOf(item: INodeExecutionData | undefined): IPairedItemData[] {
	if (item?.pairedItem === undefined) return [];
	const { pairedItem } = item;
	const pairs = Array.isArray(pairedItem) ? pairedItem : [pairedItem];
	return pairs.map((pair) => (typeof pair === 'number' ? { item: pair } : pair));
}

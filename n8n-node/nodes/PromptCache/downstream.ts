import {
	NodeHelpers,
	type IExecuteFunctions,
	type NodeTypeAndVersion,
	type Workflow,
} from 'n8n-workflow';

import { internalsOf } from '../../shared/internals';
import { MISS_OUTPUT } from './missRecord';
import { isCacheNode, type Wiring } from './wiring';

/** A connection that leaves a node. */
interface Wire {
	output: number;
	to: string;
}

/** The part of the canvas that follows a Look Up. */
export class Downstream {
	private readonly self: string;
	private readonly nodes = new Map<string, NodeTypeAndVersion>();
	private readonly wires = new Map<string, Wire[]>();
	/** The nodes on the way from the Miss output to a Store. */
	readonly between: NodeTypeAndVersion[];
	/** The nodes behind a Store or the Hit output. */
	readonly after: NodeTypeAndVersion[];

	constructor(
		private readonly context: IExecuteFunctions,
		wiring: Wiring,
	) {
		this.self = context.getNode().name;
		for (const node of wiring.below) this.nodes.set(node.name, node);
		for (const { name: to } of wiring.below) {
			for (const { node: from, index: output } of wiring.connectionsInto(to)) {
				this.wires.set(from, [...(this.wires.get(from) ?? []), { output, to }]);
			}
		}
		const missed = this.reach(this.targetsOf(this.self, true), (name) => !this.isCache(name));
		this.between = [...missed]
			.filter((name) => !this.isCache(name) && this.leadsToStore(name))
			.map((name) => this.nodes.get(name)!);
		const names = new Set(this.between.map(({ name }) => name));
		const stores = [...this.nodes.keys()].filter((name) => this.isCache(name, 'store'));
		const answered = [
			this.targetsOf(this.self, false),
			...stores.map((store) => this.targetsOf(store)),
		];
		const known = this.reach(
			answered.flat(),
			(name) => !names.has(name) && !this.isCache(name, 'lookUp'),
		);
		this.after = [...known].filter((name) => !names.has(name)).map((name) => this.nodes.get(name)!);
	}

	/** The outputs of a node that something is connected to, its error output apart. */
	usedOutputs(name: string): number[] {
		const outputs = [...new Set((this.wires.get(name) ?? []).map(({ output }) => output))];
		const errors = errorOutput(this.context, name);
		return outputs.filter((output) => output !== errors);
	}

	/** What a node's outputs lead to; of a Look Up, those for misses or the others. */
	private targetsOf(name: string, missed?: boolean): string[] {
		return (this.wires.get(name) ?? [])
			.filter(({ output }) => missed === undefined || (output === MISS_OUTPUT) === missed)
			.map(({ to }) => to);
	}

	/** Where one gets from these nodes, themselves included, by way of nodes that can be passed. */
	private reach(from: string[], passable: (name: string) => boolean): Set<string> {
		const found = new Set<string>();
		const ahead = from.filter((name) => this.nodes.has(name));
		for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
			if (found.has(name)) continue;
			found.add(name);
			if (passable(name)) ahead.push(...this.targetsOf(name));
		}
		return found;
	}

	private leadsToStore(name: string): boolean {
		const ahead = this.reach([name], (passed) => !this.isCache(passed));
		return [...ahead].some((found) => this.isCache(found, 'store'));
	}

	private isCache(name: string, operation?: 'lookUp' | 'store'): boolean {
		const node = this.nodes.get(name);
		if (!node) return false;
		const operations = operation ? [operation] : (['lookUp', 'store'] as const);
		return operations.some((one) => isCacheNode(this.context, node, one));
	}
}

/** Which output of a node its failed items leave by, if they have one of their own. */
function errorOutput(context: IExecuteFunctions, name: string): number | undefined {
	const { workflow } = internalsOf(context);
	const node = workflow?.nodes?.[name];
	if (node?.onError !== 'continueErrorOutput') return undefined;
	const type = workflow?.nodeTypes?.getByNameAndVersion(node.type, node.typeVersion);
	if (!type) return undefined;
	const outputs = NodeHelpers.getNodeOutputs(workflow as Workflow, node, type.description);
	return outputs.findIndex((output) => typeof output !== 'string' && output.category === 'error');
}

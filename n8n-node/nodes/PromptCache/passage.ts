import type { IExecuteFunctions, ISourceData, ITaskData } from 'n8n-workflow';

import { internalsOf } from '../../shared/internals';
import { isCacheNode } from './wiring';

/** One run of a node, and which it was. */
export interface Run {
	node: string;
	run: number;
}

/** The runs by which the items of a node came from Look Up, that of Look Up included, as n8n recorded them. */
export function runsBehind(context: IExecuteFunctions): Run[] {
	const visited = new Map<string, Run>();
	const ahead = [context.getInputSourceData()];
	for (let source = ahead.pop(); source; source = ahead.pop()) {
		const run = runOf(source);
		if (visited.has(nameOf(run))) continue;
		visited.set(nameOf(run), run);
		if (isLookUp(context, run.node)) continue;
		const { source: sources = [] } = taskOf(context, run) ?? {};
		ahead.push(...sources.filter((one): one is ISourceData => one !== null));
	}
	return [...visited.values()];
}

/** What stands in for a node's output while somebody tries the workflow out, is no answer of a model. */
export function isPinned(context: IExecuteFunctions): boolean {
	const pinned = internalsOf(context).runExecutionData?.resultData?.pinData;
	if (!pinned || Object.keys(pinned).length === 0) return false;
	const { nodes = {} } = internalsOf(context).workflow ?? {};
	return runsBehind(context).some(({ node }) => pinned[node] && !nodes[node]?.disabled);
}

/** Whether all nodes between Look Up and here are switched off, so that what arrives is the question itself. */
export function isBypassed(context: IExecuteFunctions): boolean {
	const { nodes = {} } = internalsOf(context).workflow ?? {};
	const asked = runsBehind(context).filter(({ node }) => !isLookUp(context, node));
	return asked.length > 0 && asked.every(({ node }) => nodes[node]?.disabled);
}

export function runOf({ previousNode, previousNodeRun = 0 }: ISourceData): Run {
	return { node: previousNode, run: previousNodeRun };
}

export function nameOf({ node, run }: Run): string {
	return `${run} ${node}`;
}

export function taskOf(context: IExecuteFunctions, { node, run }: Run): ITaskData | undefined {
	return internalsOf(context).runExecutionData?.resultData?.runData?.[node]?.[run];
}

function isLookUp(context: IExecuteFunctions, name: string): boolean {
	const node = internalsOf(context).workflow?.nodes?.[name];
	return node !== undefined && isCacheNode(context, { disabled: false, ...node }, 'lookUp');
}

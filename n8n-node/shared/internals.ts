import type {
	INode,
	INodeTypes,
	IPinData,
	IRunData,
	NodeConnectionType,
	NodeInputConnections,
	WorkflowExecuteMode,
} from 'n8n-workflow';

import type { CacheContext } from './transport';

/**
 * What every context has when a node runs, though n8n does not publish its type. Nothing may depend on it being there:
 * without it the cache notices less.
 */
export interface Internals {
	workflow?: { nodes?: Record<string, INode>; nodeTypes?: INodeTypes };
	runExecutionData?: { resultData?: { pinData?: IPinData; runData?: IRunData } };
	additionalData?: { rootExecutionMode?: WorkflowExecuteMode };
	/** By input, the connections that lead there; `index` is the output of the node they come from. */
	getConnections?(destination: { name: string }, kind: NodeConnectionType): NodeInputConnections;
}

export function internalsOf(context: CacheContext): Internals {
	return context as unknown as Internals;
}

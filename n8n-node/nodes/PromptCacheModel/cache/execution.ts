import type { INode, IExecuteData, IRunData, ISupplyDataFunctions } from 'n8n-workflow';

import { internalsOf, type Internals } from '../../../shared/internals';

type SubNodeInternals = Internals & { executeData?: IExecuteData; parentNode?: INode };

/** What a sub-node can tell of the execution it works in, as far as n8n lets it look. */
export interface Execution {
	/** The same object for all tries of one run of the root node, and for nothing else. */
	run: object;
	/** The node that a failure of this run is recorded at, and as which of its runs. */
	rootNode?: string;
	runIndex: number;
	/** The node this one is connected to. */
	parentNode?: string;
	/** What the nodes logged until now. */
	runData(): IRunData;
}

export function executionOf(context: ISupplyDataFunctions): Execution {
	const { executeData, parentNode } = internalsOf(context) as SubNodeInternals;
	return {
		run: executeData ?? context,
		rootNode: executeData?.node.name,
		runIndex: executeData ? (context.getWorkflowDataProxy(0).$runIndex as number) : 0,
		parentNode: parentNode?.name,
		runData: () => internalsOf(context).runExecutionData?.resultData?.runData ?? {},
	};
}

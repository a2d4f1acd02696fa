import type { INodeProperties, WorkflowExecuteMode } from 'n8n-workflow';

import type { CacheContext } from './transport';

/** What runs that somebody starts in the editor share with production. */
export type ManualRuns = 'apart' | 'together' | 'never';

export const manualRunsProperty: INodeProperties = {
	displayName: 'Runs in the Editor',
	name: 'manualRuns',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Keep Answers Apart',
			value: 'apart',
			description:
				'Runs in the editor find only answers of such runs, and production finds none of them',
		},
		{
			name: 'Share Answers With Production',
			value: 'together',
			description: 'No difference is made: a draft or a test can answer a real question',
		},
		{
			name: 'Read Only',
			value: 'never',
			description: 'Runs in the editor find what production stored, and store nothing',
		},
	],
	default: 'apart',
	description:
		'Whether answers from test runs, evaluations included, may be given in production, and the other way round',
};

const RUNS_ATTRIBUTE = 'n8n.runs';

const TRIALS: ReadonlySet<WorkflowExecuteMode> = new Set(['manual', 'evaluation']);

/** How a run may use the cache. */
export interface RunRules {
	/** What a lookup has to add to its attributes. */
	attributes: Record<string, string>;
	/** Why nothing of this run may be stored, if so. */
	refused?: 'manual_run';
}

/** The rules for this run: a run in production has none. */
export function runRules(context: CacheContext, manualRuns: ManualRuns = 'apart'): RunRules {
	if (manualRuns === 'together' || !isTrial(context)) return { attributes: {} };
	if (manualRuns === 'never') return { attributes: {}, refused: 'manual_run' };
	return { attributes: { [RUNS_ATTRIBUTE]: 'manual' } };
}

/** What every context has, though n8n does not publish its type: a sub-workflow's mode hides who started it. */
interface Started {
	additionalData?: { rootExecutionMode?: WorkflowExecuteMode };
}

function isTrial(context: CacheContext): boolean {
	const { additionalData } = context as CacheContext & Started;
	return TRIALS.has(additionalData?.rootExecutionMode ?? context.getMode());
}

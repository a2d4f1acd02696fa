import type { INodeProperties, WorkflowExecuteMode } from 'n8n-workflow';

import { internalsOf } from './internals';
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

export const RUNS_ATTRIBUTE = 'n8n.runs';

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

function isTrial(context: CacheContext): boolean {
	// The mode of a sub-workflow hides who started it.
	const started = internalsOf(context).additionalData?.rootExecutionMode;
	return TRIALS.has(started ?? context.getMode());
}

import type { Source } from './api';
import type { CacheContext } from './transport';

/** Name the workflow and the node that ask. */
export function sourceOf(context: CacheContext): Source {
	return { workflow: context.getWorkflow().name ?? '', node: context.getNode().name };
}

import { NodeOperationError } from 'n8n-workflow';

import type { Outcome } from './api';
import { callCache, type CacheContext } from './transport';

/** Seconds: it only makes a sentence more precise. */
const TIMEOUT = 3;

interface Budgets {
	budgets: Array<{ name: string; period: { until: string } }>;
}

/** The budget that is used up, where the model is not to be asked what was not found. */
export function usedUpBudget(outcome: Outcome): string | undefined {
	return outcome.status === 'miss' || outcome.status === 'stale' ? outcome.over_budget : undefined;
}

/** Such as `The budget "support" is used up until 1 December 2026 at 00:00 UTC`. */
export async function usedUp(context: CacheContext, budget: string): Promise<string> {
	const until = await endOf(context, budget);
	return `The budget "${budget}" is used up${until ? ` until ${until}` : ''}`;
}

/** Why a model was not asked, with what `usedUp` tells; what is in the cache is answered all the same. */
export function overBudget(
	context: CacheContext,
	used: string,
	itemIndex?: number,
): NodeOperationError {
	return new NodeOperationError(context.getNode(), `${used}: the model was not asked`, {
		itemIndex,
		description:
			'The budget is used up: what was asked before is still answered from the cache, and nothing else. To ask the model sooner, raise the budget in the configuration of the cache server ("budgets").',
	});
}

/** When a budget begins anew, where the workflow is; nothing where the cache server does not tell. */
async function endOf(context: CacheContext, budget: string): Promise<string | undefined> {
	try {
		const { budgets } = await callCache<Budgets>(context, {
			method: 'GET',
			path: '/v1/budgets',
			timeout: TIMEOUT,
		});
		const until = budgets.find(({ name }) => name === budget)?.period.until;
		if (!until) return undefined;
		return new Date(until).toLocaleString('en-GB', {
			day: 'numeric',
			month: 'long',
			year: 'numeric',
			hour: '2-digit',
			minute: '2-digit',
			timeZone: context.getTimezone(),
			timeZoneName: 'short',
		});
	} catch {
		return undefined;
	}
}

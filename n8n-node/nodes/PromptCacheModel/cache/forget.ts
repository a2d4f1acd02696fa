import type { ISupplyDataFunctions } from 'n8n-workflow';

import { callCache, CREDENTIAL } from '../../../shared/transport';
import * as circuit from './circuitBreaker';
import type { Settings } from './settings';
import type { Given } from './tries';

/** Have the cache forget answers that were of no use, so that the model is asked again. Never throws. */
export async function forget(
	context: ISupplyDataFunctions,
	{ timeout }: Settings,
	answers: Given[],
): Promise<void> {
	const keys = new Set(answers.flatMap(({ key }) => key ?? []));
	const credential = context.getNode().credentials?.[CREDENTIAL]?.id ?? '';
	for (const key of keys) {
		if (circuit.isOpen(credential)) return;
		try {
			await callCache(context, { method: 'POST', path: '/v1/invalidate', body: { key }, timeout });
		} catch (cause) {
			circuit.trip(credential);
			context.logger.warn('An answer that was of no use is still in the cache', { key, cause });
		}
	}
}

import type { Resource } from '../resource';
import * as answer from './answer';
import * as namespace from './namespace';
import * as statistics from './statistics';

/** Everything that the node offers; the index of a resource's folder lists its operations. */
export const resources: Resource[] = [
	{
		name: 'Answer',
		value: 'answer',
		operations: Object.values(answer),
		first: [answer.lookUp, answer.store, answer.invalidate],
	},
	{
		name: 'Namespace',
		value: 'namespace',
		operations: Object.values(namespace),
		first: [namespace.markAsChanged],
	},
	{
		name: 'Statistic',
		value: 'statistics',
		operations: Object.values(statistics),
		first: [statistics.get],
	},
];

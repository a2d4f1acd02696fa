import type { INodeProperties } from 'n8n-workflow';

import { callCache } from '../../../../shared/transport';
import { eachItem, PATIENT_TIMEOUT } from '../../operation';

export const description: INodeProperties[] = [
	{
		displayName: 'Key',
		name: 'key',
		type: 'string',
		required: true,
		default: '={{ $json._cache.key }}',
		description: 'The key of the answer, as it stands in its receipt',
	},
];

export const execute = eachItem(async (context, itemIndex) => {
	const key = context.getNodeParameter('key', itemIndex) as string;
	await callCache(context, {
		method: 'DELETE',
		path: `/v1/entries/${encodeURIComponent(key)}`,
		timeout: PATIENT_TIMEOUT,
	});
	return { deleted: true };
});

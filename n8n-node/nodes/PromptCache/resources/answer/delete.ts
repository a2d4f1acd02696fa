import type { INodeProperties } from 'n8n-workflow';

import { callCache } from '../../../../shared/transport';
import { eachItem, PATIENT_TIMEOUT, type OperationOption } from '../../operation';

export const option: OperationOption = {
	name: 'Delete',
	value: 'delete',
	action: 'Delete a wrong answer',
	description: 'Remove one answer that turned out to be wrong, by the key in its receipt',
};

export const subtitle = 'Delete Answer';

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

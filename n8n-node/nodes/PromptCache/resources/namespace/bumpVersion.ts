import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { listFrom, namespaceProperty } from '../../../../shared/parameters';
import { callCache } from '../../../../shared/transport';
import { eachItem, PATIENT_TIMEOUT, type OperationOption } from '../../operation';

export const option: OperationOption = {
	name: 'Bump Version',
	value: 'bumpVersion',
	action: 'Bump the version of a source',
	description: 'Say that something answers depend on has changed, such as a knowledge base',
};

export const description: INodeProperties[] = [
	namespaceProperty,
	{
		displayName: 'Names',
		name: 'names',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. knowledge-base',
		description:
			'What has changed, separated by commas. Every answer stored with one of these names in "Depends On" counts as outdated from now on.',
	},
];

export const execute = eachItem(async (context, itemIndex) => {
	return await callCache<{ versions: IDataObject }>(context, {
		method: 'POST',
		path: '/v1/bump',
		body: {
			namespace: context.getNodeParameter('namespace', itemIndex) as string,
			names: listFrom(context.getNodeParameter('names', itemIndex)),
		},
		timeout: PATIENT_TIMEOUT,
	}).then(({ versions }) => ({ versions }));
});

import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { namespaceOf, namespaceProperty } from '../../../../shared/namespace';
import { listFrom } from '../../../../shared/parameters';
import { callCache } from '../../../../shared/transport';
import { eachItem, PATIENT_TIMEOUT, type OperationOption } from '../../operation';

export const option: OperationOption = {
	name: 'Mark as Changed',
	value: 'markAsChanged',
	action: 'Mark a source of answers as changed',
	description: 'Outdate the answers made from something that has changed, such as a knowledge base',
};

export const description: INodeProperties[] = [
	namespaceProperty,
	{
		displayName: 'What Has Changed',
		name: 'names',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. knowledge-base',
		description:
			'Names, separated by commas. Every answer stored with one of them in "Outdated When ... Changes" counts as outdated from now on.',
	},
];

export const execute = eachItem(async (context, itemIndex) => {
	return await callCache<{ versions: IDataObject }>(context, {
		method: 'POST',
		path: '/v1/bump',
		body: {
			namespace: namespaceOf(context, itemIndex),
			names: listFrom(context.getNodeParameter('names', itemIndex)),
		},
		timeout: PATIENT_TIMEOUT,
	}).then(({ versions }) => ({ versions }));
});

import type { INodeProperties } from 'n8n-workflow';

import { callCache } from '../../../../shared/transport';
import { eachItem, PATIENT_TIMEOUT, type OperationOption } from '../../operation';
import { namespaceOf, namespaceProperty } from '../../../../shared/namespace';

export const option: OperationOption = {
	name: 'Flush',
	value: 'flush',
	action: 'Flush a namespace',
	description: 'Remove all answers of a namespace, or all there are',
};

export const description: INodeProperties[] = [
	{
		displayName: 'What to Flush',
		name: 'scope',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'One Namespace',
				value: 'one',
				description: 'All answers of the namespace named below',
			},
			{ name: 'Everything', value: 'all', description: 'All answers of all namespaces' },
		],
		default: 'one',
		description: 'Flushed answers are gone for good. Needs a token with the role admin.',
	},
	{ ...namespaceProperty, displayOptions: { show: { scope: ['one'] } } },
];

export const execute = eachItem(async (context, itemIndex) => {
	const all = context.getNodeParameter('scope', itemIndex) === 'all';
	return await callCache<{ deleted: number }>(context, {
		method: 'POST',
		path: '/v1/flush',
		// What was saved was saved, whatever becomes of the answers.
		body: all ? { all, keep_statistics: true } : { namespace: namespaceOf(context, itemIndex) },
		timeout: PATIENT_TIMEOUT,
	});
});

import { NodeOperationError, type INodeProperties } from 'n8n-workflow';

import { eachItem, type OperationOption } from '../../operation';
import { rate, ratedAnswer, ratedAnswerProperties } from '../../ratedAnswer';

export const option: OperationOption = {
	name: 'Accept',
	value: 'accept',
	action: 'Accept an answer to a similar question',
	description: 'Say that the answer to a similar question fits: from now on both have the same',
};

export const description: INodeProperties[] = [
	{
		displayName:
			'Put this where somebody says that an answer was right. Nothing has to be filled in: it finds the answer by itself. Where it was made for a similar question, it answers this one too from now on, at once.',
		name: 'notice',
		type: 'notice',
		default: '',
	},
	...ratedAnswerProperties('The question that the answer fits as well, as it was looked up'),
];

export const execute = eachItem(async (context, itemIndex) => {
	const answer = ratedAnswer(context, itemIndex);
	if (!answer) return { accepted: false, reason: 'not_kept' };
	if (!answer.request) {
		if (context.getNodeParameter('which', itemIndex, 'item') === 'item') {
			return { accepted: false, reason: 'same_question', key: answer.entry };
		}
		throw new NodeOperationError(context.getNode(), 'The request is missing', {
			itemIndex,
			description: 'Say in "Request" which question the answer fits as well.',
		});
	}
	if (!(await rate(context, itemIndex, 'accept', answer))) {
		return { accepted: false, reason: 'unknown_key', key: answer.entry };
	}
	return { accepted: true, key: answer.entry };
});

import type { INodeProperties } from 'n8n-workflow';

import { eachItem, type OperationOption } from '../../operation';
import { rate, ratedAnswer, ratedAnswerProperties } from '../../ratedAnswer';

export const option: OperationOption = {
	name: 'Reject',
	value: 'reject',
	action: 'Reject a wrong answer',
	description: 'Say that the answer was wrong: this question never gets it again',
};

export const description: INodeProperties[] = [
	{
		displayName:
			'Put this where somebody says that an answer was wrong. Nothing has to be filled in: it finds the answer by itself. One that was made for this question is taken out; one that was made for a similar question stays there, and is not given to this one again.',
		name: 'notice',
		type: 'notice',
		default: '',
	},
	...ratedAnswerProperties(
		'The question that the answer was wrong for, as it was looked up. Left empty, the answer is taken out, and no question gets it any more.',
	),
];

export const execute = eachItem(async (context, itemIndex) => {
	const answer = ratedAnswer(context, itemIndex);
	if (!answer) return { rejected: false, reason: 'not_kept' };
	if (!(await rate(context, itemIndex, 'reject', answer))) {
		return { rejected: false, reason: 'unknown_key', key: answer.entry };
	}
	return { rejected: true, key: answer.entry };
});

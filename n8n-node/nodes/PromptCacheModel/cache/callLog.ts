import { NodeConnectionTypes, type IDataObject, type ISupplyDataFunctions } from 'n8n-workflow';

import type { Hit } from '../../../shared/api';
import { like } from '../../../shared/likeness';
import { inOrder, savedMoney } from '../../../shared/receipt';
import type { Settings } from './settings';

const LONGEST_PROMPT = 500;

/** One call in n8n's log tree. */
export class CallLog {
	/** Which line of this node's it is. */
	readonly index: number;

	constructor(
		private readonly context: ISupplyDataFunctions,
		{ namespace }: Settings,
		prompt: string,
	) {
		const shown = prompt.length > LONGEST_PROMPT ? `${prompt.slice(0, LONGEST_PROMPT)}...` : prompt;
		this.index = context.addInputData(NodeConnectionTypes.AiLanguageModel, [
			[{ json: { prompt: shown, namespace } }],
		]).index;
	}

	end(receipt: IDataObject): void {
		const json = { result: resultOf(receipt), ...inOrder(receipt) };
		this.context.addOutputData(NodeConnectionTypes.AiLanguageModel, this.index, [[{ json }]]);
	}
}

function resultOf(receipt: IDataObject): string {
	const { status, saved, stored, refused, reason } = receipt;
	switch (status) {
		case 'hit':
			return `Answered from the cache${likeness(receipt)}${savings(saved as IDataObject | undefined)}`;
		case 'stale':
			return `${receipt.over_budget === undefined ? 'The model failed' : `The budget "${String(receipt.over_budget)}" is used up`}: answered from the cache, with an answer past its time`;
		case 'not_recorded':
			return `Not in the cassette, and no model was asked. ${String(reason)}`;
		case 'over_budget':
			return `No model was asked. ${String(reason)}`;
		case 'bypass':
			return 'Asked the model, past the cache';
		default:
			if (stored) return 'Asked the model, and kept its answer';
			return `Asked the model, and kept nothing: ${String(refused ?? reason)}`;
	}
}

function likeness({ similarity, matched }: IDataObject): string {
	if (!matched) return '';
	const { question } = matched as NonNullable<Hit['matched']>;
	return ` (${like({ similarity: similarity as number, question })})`;
}

function savings(saved?: IDataObject): string {
	if (!saved) return '';
	const sum = savedMoney(saved);
	const told = [sum, saved.tokens !== null && `${String(saved.tokens)} tokens`].filter(Boolean);
	if (told.length === 0) return '';
	const about = saved.estimated ? 'about ' : '';
	return `, saved ${about}${told.join(' and ')}${sum === undefined ? ', price unknown' : ''}`;
}

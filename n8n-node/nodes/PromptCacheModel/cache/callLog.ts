import { NodeConnectionTypes, type IDataObject, type ISupplyDataFunctions } from 'n8n-workflow';

import type { Settings } from './settings';

/** One call in n8n's log tree. */
export class CallLog {
	private readonly index: number;

	constructor(
		private readonly context: ISupplyDataFunctions,
		{ namespace, mode }: Settings,
	) {
		this.index = context.addInputData(NodeConnectionTypes.AiLanguageModel, [
			[{ json: { namespace, mode } }],
		]).index;
	}

	end(receipt: IDataObject): void {
		this.context.addOutputData(NodeConnectionTypes.AiLanguageModel, this.index, [
			[{ json: receipt }],
		]);
	}
}

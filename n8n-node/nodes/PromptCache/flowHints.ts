import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import { HIT_INPUT, HIT_OUTPUT, MISS_OUTPUT } from './missRecord';
import type { Saved } from '../../shared/api';
import { savedInAll } from '../../shared/receipt';
import type { Wiring } from './wiring';

/** How many items of a run went which way. */
export interface Counts {
	known: number;
	asked: number;
	/** Questions that an earlier item of the run asks already. */
	repeated: number;
	/** What each of the known ones saved. */
	saved: Saved[];
}

/** Refuse to look up where every hit would come out more than once. */
export function refuseHitsTwice(context: IExecuteFunctions, wiring: Wiring): void {
	const stores = new Set(
		wiring
			.targetsOf(HIT_OUTPUT)
			.filter(({ node, input }) => input === HIT_INPUT && wiring.isStore(node))
			.map(({ node }) => node),
	);
	if (stores.size > 1) {
		throw new NodeOperationError(context.getNode(), 'The Hit output goes to more than one Store', {
			description:
				'Each of them would put out every hit. Connect Hit to the Hit input of one Store only.',
		});
	}
}

/** Say, in the editor, where the items went, and what is missing for their answers to be kept. */
export function hintAtFlow(
	context: IExecuteFunctions,
	wiring: Wiring,
	{ known, asked, repeated, saved }: Counts,
): void {
	const stores = wiring.storesBehind();
	const [off] = wiring.switchedOffStoresBehind();
	const all = known + asked + repeated;
	if (stores.length > 0) {
		if (all === 1) return;
		const repeats =
			repeated > 0 ? `, ${repeated} repeated: they get the same answer from Store` : '';
		const sum = savedInAll(saved);
		context.addExecutionHints({
			message: `${all} items: ${known} known${sum ? ` (saved ${sum})` : ''}, ${asked} asked${repeats}.`,
			type: 'info',
			location: 'outputPane',
		});
	} else if (off) {
		context.addExecutionHints({
			message: `"${off}" is switched off: no answer is kept, and hits do not pass through it. Switch Look Up off as well, and every item goes to the AI node.`,
			type: 'warning',
			location: 'outputPane',
		});
	} else if (asked > 0 && wiring.targetsOf(MISS_OUTPUT).length > 0) {
		context.addExecutionHints({
			message:
				'No Store follows, so no answer is kept and every run asks the AI again. Put a Prompt Cache node with the operation Store right after the AI node, and connect Hit to its second input.',
			type: 'warning',
			location: 'outputPane',
		});
	}
}

import type { IExecuteFunctions } from 'n8n-workflow';

import type { Outcome } from '../../shared/api';
import type { Reply } from '../../shared/batch';

const CLOCK = /\$(?:now|today)\b|\bnew Date\b|\bDate\.now\b|\bDateTime\.(?:now|local|utc)\b/;

/** The parameters that make up a question, in the words of the panel. */
const PARTS = { prompt: 'Prompt', messages: 'Messages', system: 'System Message' };

const REMEDY =
	'choose Matching > Treat as the Same > Dates and Times Apart, or take the clock out of it';

/** Tell the user, in the editor, where nothing but the clock keeps questions from being the same. */
export function hintAtClock(context: IExecuteFunctions, answers: Iterable<Reply<Outcome>>): void {
	const outcomes = [...answers].flatMap((answer) => ('reply' in answer ? [answer.reply] : []));
	const misses = outcomes.filter((outcome) => outcome.status === 'miss');
	const near = misses.filter((outcome) => outcome.near?.differs_by === 'date_or_time');
	if (near.length > 0) {
		const differ = near.length === 1 ? 'question differs' : 'questions differ';
		hint(
			context,
			`${near.length} of ${outcomes.length} ${differ} from an earlier one only by a date or time: ${REMEDY}.`,
		);
		return;
	}
	const { parameters } = context.getNode();
	const written = Object.entries(PARTS).find(([name]) => {
		const value = parameters[name];
		return typeof value === 'string' && value.startsWith('=') && CLOCK.test(value);
	});
	if (written && misses.length > 0)
		hint(
			context,
			`"${written[1]}" holds the clock, so that a question is known again only at the very same time: ${REMEDY}.`,
		);
}

function hint(context: IExecuteFunctions, message: string): void {
	context.addExecutionHints({ message, type: 'info', location: 'outputPane' });
}

import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/** Which differences do not count, as the cache server takes it. */
export const NORMALIZATIONS: Record<string, string | string[]> = {
	none: 'none',
	whitespace: 'whitespace',
	clock: ['unicode', 'newlines', 'trim', 'collapse_whitespace', 'mask:clock'],
	loose: 'loose',
};

/** The choice that makes questions one which differ only by dates and times. */
export const CLOCK: INodePropertyOptions = {
	name: 'Dates and Times Apart',
	value: 'clock',
	description:
		'Neither do dates and times. A question whose answer depends on the day then gets the answer of another day.',
};

/** To be looked up in `NORMALIZATIONS`. */
export const normalizeProperty: INodeProperties = {
	displayName: 'Treat as the Same',
	name: 'normalize',
	type: 'options',
	options: [
		{
			name: 'Exactly as Written',
			value: 'none',
			description: 'Every character counts',
		},
		{
			name: 'Spaces and Line Ends Apart',
			value: 'whitespace',
			description: 'Blanks at the ends and repeated blanks do not count',
		},
		CLOCK,
		{
			name: 'Loosely',
			value: 'loose',
			description: 'Neither blanks nor capitals nor punctuation count',
		},
	],
	default: 'whitespace',
	description: 'Which differences between two prompts do not count',
};

import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { attributesProperty } from '../../../../shared/attributes';
import { durationProperty, maxAgeProperty } from '../../../../shared/duration';
import {
	explainProperty,
	matchProperty,
	thresholdProperty,
	type Matching,
} from '../../../../shared/matching';
import { namespaceProperty } from '../../../../shared/namespace';
import { normalizeProperty } from '../../../../shared/normalization';
import {
	group,
	receiptProperty,
	timeoutProperty,
	unreachableProperty,
} from '../../../../shared/parameters';
import { manualRunsProperty, type ManualRuns } from '../../../../shared/runs';
import { questionProperties } from '../../question';

const matching: INodeProperties[] = [
	normalizeProperty,
	matchProperty,
	thresholdProperty,
	explainProperty,
	{
		displayName: 'Notice Changed AI Nodes',
		name: 'watch',
		type: 'boolean',
		default: true,
		description:
			'Whether the AI is asked again once its prompt, instructions, model or tools were edited. Switched off, answers to the old instructions go on being given until they expire.',
	},
];

const freshness: INodeProperties[] = [
	maxAgeProperty,
	durationProperty(
		{
			displayName: 'Keep Expired Answers as a Fallback',
			name: 'maxStale',
			description:
				'For how long after its end an answer may still be given by Store, if the AI node fails',
		},
		7,
		'd',
	),
	unreachableProperty,
	timeoutProperty,
];

const more: INodeProperties[] = [
	manualRunsProperty,
	{
		displayName: 'Include Files',
		name: 'includeFiles',
		type: 'boolean',
		default: true,
		description:
			'Whether an item with another attached file (binary data) counts as another question',
	},
	{
		displayName: 'Fields to Ignore',
		name: 'ignoredFields',
		type: 'string',
		default: '',
		placeholder: 'e.g. ID, createdAt',
		description:
			'With "Whole Item": names of fields, separated by commas, that do not matter for the answer',
	},
	receiptProperty,
];

export const description: INodeProperties[] = [
	...questionProperties,
	namespaceProperty,
	attributesProperty,
	{
		displayName: 'Ask Again This Time',
		name: 'refresh',
		type: 'boolean',
		default: false,
		description:
			'Whether to send every item to Miss, so that the AI is asked and Store replaces the earlier answers. Turn it off again afterwards.',
	},
	group('Matching', 'matching', matching),
	group('Freshness and Outages', 'freshness', freshness),
	group('More Options', 'options', more),
];

export interface Options extends Matching {
	ignoredFields?: string;
	includeFiles?: boolean;
	maxAge?: unknown;
	maxStale?: unknown;
	normalize?: string;
	receipt?: boolean;
	timeout?: number;
	unreachable?: 'continue' | 'stop';
	manualRuns?: ManualRuns;
	watch?: boolean;
}

/** The options of all groups. */
export function optionsOf(context: IExecuteFunctions, itemIndex: number): Options {
	return Object.assign(
		{},
		...['matching', 'freshness', 'options'].map((name) =>
			context.getNodeParameter(name, itemIndex, {}),
		),
	) as Options;
}

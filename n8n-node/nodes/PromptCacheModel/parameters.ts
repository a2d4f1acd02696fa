import type { INodeProperties, ISupplyDataFunctions } from 'n8n-workflow';

import { attributesFrom, attributesProperty } from '../../shared/attributes';
import {
	durationFrom,
	durationProperty,
	lifeOf,
	lifeProperties,
	maxAgeProperty,
} from '../../shared/duration';
import {
	explainProperty,
	matchingOf,
	matchProperty,
	thresholdProperty,
} from '../../shared/matching';
import { namespaceOf, namespaceProperty } from '../../shared/namespace';
import { NORMALIZATIONS, normalizeProperty } from '../../shared/normalization';
import {
	dependsOnProperty,
	listFrom,
	tagsProperty,
	timeoutProperty,
} from '../../shared/parameters';
import { manualRunsProperty, runRules, type ManualRuns } from '../../shared/runs';
import { sourceOf } from '../../shared/source';
import type { Mode, Settings } from './cache/settings';

/** Seconds. */
const SHORT_TIMEOUT = 2;
const PATIENCE = 60;

export const properties: INodeProperties[] = [
	{
		displayName:
			'A call that was made before gets the answer of that time, at once and for free. Everything counts: the messages, the instructions, the tools, the model and its settings. So a date or time in the prompt ($now) makes each call a new one. This is not the prompt caching of AI providers, which makes the beginning of a long prompt cheaper.',
		name: 'notice',
		type: 'notice',
		default: '',
	},
	namespaceProperty,
	...lifeProperties,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			attributesProperty,
			{
				displayName: 'Cache Tool Calls',
				name: 'toolCalls',
				type: 'boolean',
				default: false,
				description:
					'Whether to keep answers that call tools too. The tools themselves still run each time; only turn it on if calling them again with the same input is right.',
			},
			explainProperty,
			matchProperty,
			maxAgeProperty,
			dependsOnProperty,
			{
				displayName: 'Read From Cache',
				name: 'mode',
				type: 'options',
				options: [
					{
						name: 'Bypass',
						value: 'bypass',
						description: 'Neither read nor keep anything, as if this node were not there',
					},
					{
						name: 'Normal',
						value: 'normal',
						description: 'Give the earlier answer, or ask the model and keep what it says',
					},
					{
						name: 'Refresh',
						value: 'refresh',
						description: 'Always ask the model, and replace the earlier answer by the new one',
					},
				],
				default: 'normal',
				description:
					'When earlier answers are used. An expression can decide, for example to refresh after an answer was of no use.',
			},
			manualRunsProperty,
			durationProperty(
				{
					displayName: 'Serve Stale If the Model Fails',
					name: 'maxStale',
					description:
						'For how long after its end an answer may still be given, if the model cannot be reached or refuses',
				},
				7,
				'd',
			),
			thresholdProperty,
			tagsProperty,
			{
				...timeoutProperty,
				default: SHORT_TIMEOUT,
				description:
					'How many seconds to wait for the cache. After that the model is called as if there were no cache.',
			},
			normalizeProperty,
			{
				displayName: 'Wait for Identical Calls',
				name: 'patience',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: PATIENCE,
				description:
					'How many seconds to wait for an answer that the model is just giving to the very same call, before it is called once more',
			},
		],
	},
];

/** Read the node's parameters. */
export function settingsOf(context: ISupplyDataFunctions, itemIndex: number): Settings {
	const options = context.getNodeParameter('options', itemIndex, {}) as Record<string, unknown>;
	const rules = runRules(context, options.manualRuns as ManualRuns | undefined);
	return {
		namespace: namespaceOf(context, itemIndex),
		attributes: { ...attributesFrom(options.attributes), ...rules.attributes },
		normalize: NORMALIZATIONS[String(options.normalize)],
		matching: matchingOf(options),
		unstored: rules.refused,
		ttl: lifeOf(context, itemIndex),
		tags: listFrom(options.tags),
		dependsOn: listFrom(options.dependsOn),
		mode: (options.mode as Mode | undefined) ?? 'normal',
		toolCalls: options.toolCalls === true,
		maxAge: durationFrom(options.maxAge),
		maxStale: durationFrom(options.maxStale),
		timeout: (options.timeout as number | undefined) ?? SHORT_TIMEOUT,
		patience: (options.patience as number | undefined) ?? PATIENCE,
		source: sourceOf(context),
	};
}

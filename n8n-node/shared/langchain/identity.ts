import type { IDataObject } from 'n8n-workflow';

import type { ChatModel } from './chatModel';
import { isPlainObject, plainPart, type Plain } from './plain';
import { isSecretName, withoutSecrets } from './secrets';

/** What does not shape an answer, or is told elsewhere: how often a call is tried, who listens, how it travels. */
const IRRELEVANT = new Set([
	'cache',
	'callbacks',
	'caller',
	'client',
	'defaultOptions',
	'disableStreaming',
	'maxConcurrency',
	'maxRetries',
	'name',
	'onFailedAttempt',
	'streamUsage',
	'streaming',
	'tags',
	'timeout',
	'verbose',
]);

/** Where models keep what they were made with. */
const MADE_WITH = new Set(['fields', 'lc_kwargs']);

/** Where models keep what is told to who traces them, and what LangChain puts there of itself: its own release. */
const METADATA = 'metadata';
const OF_LANGCHAIN = 'versions';

/** Of whatever class: models of n8n's own kit keep their settings in one. */
const INNER_MODEL = 'chatModel';

/**
 * What tells one connected model from another: its kind, and its settings as far as they are plain values and no
 * secrets. A client or a callback is no setting, so here what is not plain does not count.
 */
export function identityOf(model: ChatModel): IDataObject {
	return {
		kind: model._llmType?.() ?? model.constructor.name,
		settings: withoutSecrets(settingsOf(model, Object.keys(model.lc_secrets ?? {}))) as IDataObject,
	};
}

function settingsOf(holder: object, secrets: string[]): IDataObject {
	const settings: IDataObject = {};
	for (const [name, value] of Object.entries(holder) as Array<[string, unknown]>) {
		if (IRRELEVANT.has(name) || isSecretName(name) || secrets.includes(name)) continue;
		const holds = (MADE_WITH.has(name) || name === INNER_MODEL) && value instanceof Object;
		const found = holds ? settingsOf(value, secrets) : plainPart(told(name, value));
		if (found !== undefined && !isEmpty(found)) settings[name] = found as IDataObject;
	}
	return settings;
}

/** What is told of a setting: an update of n8n is no other model. */
function told(name: string, value: unknown): unknown {
	if (name !== METADATA || !isPlainObject(value)) return value;
	return Object.fromEntries(Object.entries(value).filter(([part]) => part !== OF_LANGCHAIN));
}

function isEmpty(value: Plain): boolean {
	return (
		value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
	);
}

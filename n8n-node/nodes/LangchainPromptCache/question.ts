import { NodeConnectionTypes, NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Lookup } from '../../shared/api';
import { isChatModel, type CallOptions, type ChatModel } from '../../shared/langchain/chatModel';
import { requestOf, type ModelCall, type NotCacheable } from '../../shared/langchain/request';
import { runRules } from '../../shared/runs';
import { sourceOf } from '../../shared/source';
import { isCached } from '../PromptCacheModel/cachedModel';
import { conversationFor } from './conversation';
import { formatOf, type Format, type OutputParser } from './format';
import { settingsOf, type Settings } from './parameters';

/** What one item asks, and how. */
export interface Question {
	itemIndex: number;
	call: ModelCall;
	/** The same for the model that is asked when the first one fails. */
	fallback?: ModelCall;
	format: Format;
	settings: Settings;
	/** Absent where the call cannot be told from others. */
	lookup?: Lookup;
	/** Why it can be neither found nor stored. */
	uncacheable?: string;
}

export async function questionOf(context: IExecuteFunctions, itemIndex: number): Promise<Question> {
	const settings = settingsOf(context, itemIndex);
	const [model, fallback] = await modelsOf(context, itemIndex);
	const parser = await parserOf(context, itemIndex);
	const format = formatOf(context, itemIndex, model!, parser);
	const callOf = async (root: ChatModel): Promise<ModelCall> => ({
		...withProviderTools(root),
		root,
		messages: await conversationFor(context, itemIndex, root, format.instructions),
	});
	const question: Question = { itemIndex, call: await callOf(model!), format, settings };
	if (fallback) question.fallback = await callOf(fallback);
	try {
		question.lookup = lookupOf(context, question);
	} catch (cause) {
		question.uncacheable = (cause as NotCacheable).message;
	}
	return question;
}

function lookupOf(context: IExecuteFunctions, { call, settings }: Question): Lookup {
	const { namespace, matching, maxAge, maxStale, manualRuns } = settings;
	const attributes = {
		...settings.attributes,
		...runRules(context, manualRuns).attributes,
	};
	const lookup: Lookup = {
		...requestOf(call),
		...matching,
		namespace,
		source: sourceOf(context),
	};
	if (Object.keys(attributes).length > 0) lookup.attributes = attributes;
	if (maxAge !== undefined) lookup.max_age = maxAge;
	if (maxStale !== undefined) lookup.max_stale = maxStale;
	return lookup;
}

/** The connected model, and after it the fallback model where there is one. */
async function modelsOf(context: IExecuteFunctions, itemIndex: number): Promise<ChatModel[]> {
	const connected: unknown = await context.getInputConnectionData(
		NodeConnectionTypes.AiLanguageModel,
		itemIndex,
	);
	// n8n lists what is connected to several inputs from the last to the first.
	const models = Array.isArray(connected) ? (connected as unknown[]).reverse() : [connected];
	return models.map((model) => {
		if (!isChatModel(model)) {
			throw new NodeOperationError(context.getNode(), 'The connected model is no chat model', {
				itemIndex,
				description: 'Connect a node whose name ends in "Chat Model" to "Model".',
			});
		}
		if (isCached(model)) {
			throw new NodeOperationError(context.getNode(), 'The connected model is cached already', {
				itemIndex,
				description:
					'Take the Prompt Cache Model out and connect the chat model itself: Prompt Cache Chain has the cache in it, and one is enough.',
			});
		}
		return model;
	});
}

async function parserOf(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<OutputParser | undefined> {
	if (context.getNodeParameter('hasOutputParser', 0, false) !== true) return undefined;
	const connected: unknown = await context.getInputConnectionData(
		NodeConnectionTypes.AiOutputParser,
		itemIndex,
	);
	return connected as OutputParser;
}

/** The model with the tools that its provider runs for it, such as a web search, as n8n's chains bind them. */
function withProviderTools(root: ChatModel): { model: ChatModel; options: CallOptions } {
	const tools = root.metadata?.tools ?? [];
	const bound = tools.length > 0 ? root.bindTools?.(tools) : undefined;
	return { model: isChatModel(bound) ? bound : root, options: {} };
}

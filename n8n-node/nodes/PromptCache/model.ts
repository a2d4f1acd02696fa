import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type ILoadOptionsFunctions,
	type INodeListSearchResult,
	type INodeParameters,
	type INodeProperties,
} from 'n8n-workflow';

import { chosenOrTyped, fitting, listOf, nameIn } from '../../shared/lists';
import { callCache } from '../../shared/transport';
import type { Downstream } from './downstream';

const AS_ATTACHED = { name: 'The One Attached to the AI Node', value: '' };

/** Whose list is `searchModels`, and which is read with `chosenModel`. */
export const modelProperty: INodeProperties = chosenOrTyped({
	displayName: 'Model',
	name: 'model',
	default: { mode: 'list', value: AS_ATTACHED.value, cachedResultName: AS_ATTACHED.name },
	placeholder: 'e.g. gpt-5-mini',
	hint: 'The model sets the price that an answer saves',
	description:
		'The AI model that answers on a miss. Answers of one model are never given for another. The one attached to the AI node is found by itself, unless an expression chooses it there.',
	searchListMethod: 'searchModels',
});

interface Priced {
	model: string;
	provider: string | null;
	input_usd_per_million: number | null;
	output_usd_per_million: number | null;
}

/** Enough to look through; typing narrows it down. */
const SHOWN = 50;

/** Seconds: someone is looking at the panel. */
const TIMEOUT = 5;

/** The models whose prices the cache server knows, and whatever is typed. */
export async function searchModels(
	this: ILoadOptionsFunctions,
	typed?: string,
): Promise<INodeListSearchResult> {
	const { results } = await listOf(typed, async (search) => {
		const { models } = await callCache<{ models: Priced[] }>(this, {
			method: 'GET',
			path: '/v1/models',
			qs: { limit: SHOWN, ...(search && { search }) },
			timeout: TIMEOUT,
		});
		return models.map((priced) => ({ name: withPrice(priced), value: priced.model }));
	});
	return { results: [...fitting([AS_ATTACHED], typed ?? ''), ...results] };
}

function withPrice({ model, ...price }: Priced): string {
	const { input_usd_per_million: input, output_usd_per_million: output } = price;
	if (input === null || output === null) return `${model}: price unknown`;
	return `${model}: $${input} in, $${output} out per million tokens`;
}

/** What is said about the model of the AI node, in one of the parameters that model nodes have. */
const NAMES = ['model', 'modelName', 'modelId'];

/** The model that the user chose for an item, if any. */
export function chosenModel(context: IExecuteFunctions, itemIndex: number): string | undefined {
	return nameIn(context, 'model', itemIndex) || undefined;
}

/** The only model that answers on the way from here to a Store. */
export function attachedModel(
	context: IExecuteFunctions,
	{ between }: Downstream,
): string | undefined {
	const connectionType = NodeConnectionTypes.AiLanguageModel;
	const attached = between.flatMap(({ name }) =>
		context.getParentNodes(name, { includeNodeParameters: true, connectionType }),
	);
	const named = [...between, ...attached].flatMap(({ disabled, parameters = {} }) =>
		disabled ? [] : namesIn(parameters),
	);
	const [model, ...others] = new Set(named);
	return others.length === 0 ? model : undefined;
}

function namesIn(parameters: INodeParameters): string[] {
	return NAMES.flatMap((name) => {
		const given = parameters[name];
		const value =
			typeof given === 'object' && given !== null && 'value' in given ? given.value : given;
		return typeof value === 'string' && value && !value.startsWith('=') ? [value] : [];
	}).slice(0, 1);
}

import { NodeOperationError, type IDataObject, type IExecuteFunctions } from 'n8n-workflow';

import { canonical } from '../../shared/canonical';

/** Where triggers and forms put what a person asked, the likeliest first. */
export const PROMPT_FIELDS = [
	'chatInput',
	'prompt',
	'question',
	'query',
	'message',
	'text',
	'input',
] as const;

/** The prompt that was given, or, where the field was left empty, what the trigger brought. */
export function promptOf(context: IExecuteFunctions, itemIndex: number): string {
	const value = context.getNodeParameter('prompt', itemIndex, '') as unknown;
	if (typeof value === 'object' && value !== null) return canonical(value);
	const prompt = String(value ?? '');
	if (prompt.trim()) return prompt;
	const leftEmpty = !context.getNode().parameters.prompt;
	const brought = leftEmpty ? broughtBy(context.getInputData()[itemIndex]?.json ?? {}) : undefined;
	if (brought) return brought;
	throw new NodeOperationError(context.getNode(), 'The prompt is empty', {
		description: leftEmpty
			? `Drag the field that holds the question into "Prompt". Left empty, one of the fields ${PROMPT_FIELDS.join(', ')} has to hold a text.`
			: 'The field in "Prompt" has to hold a text in every incoming item. Drag the one that holds the question into "Prompt".',
		itemIndex,
	});
}

function broughtBy(json: IDataObject): string | undefined {
	const { body } = json;
	const places = [
		json,
		...(typeof body === 'object' && body !== null ? [body as IDataObject] : []),
	];
	const texts = places.flatMap((place) => PROMPT_FIELDS.map((field) => place[field]));
	return texts.find((text): text is string => typeof text === 'string' && text.trim() !== '');
}

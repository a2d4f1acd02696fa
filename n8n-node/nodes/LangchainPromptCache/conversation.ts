import { NodeOperationError, type IDataObject, type IExecuteFunctions } from 'n8n-workflow';

import {
	messagesFrom,
	type ChatModel,
	type Message,
	type Turn,
} from '../../shared/langchain/chatModel';

interface GivenMessage {
	type: 'ai' | 'human' | 'imageBinary' | 'imageUrl';
	message?: string;
	binaryImageDataKey?: string;
	imageUrl?: string;
	imageDetail?: 'auto' | 'high' | 'low';
}

/** Models that take an image as a bare URL. */
const BARE_URLS = new Set(['googlegenerativeai', 'ollama']);

/**
 * What the model is told for one item, in the order in which n8n's Basic LLM Chain tells it, so that both ask the
 * very same. No text is a template here: braces stay what they are.
 */
export async function conversationFor(
	context: IExecuteFunctions,
	itemIndex: number,
	model: ChatModel,
	formatInstructions?: string,
): Promise<Message[]> {
	const turns: Turn[] = [];
	const system = String(context.getNodeParameter('system', itemIndex, '') ?? '');
	if (system) turns.push(['system', system]);
	const given = context.getNodeParameter('messages', itemIndex, {}) as {
		messageValues?: GivenMessage[];
	};
	for (const message of given.messageValues ?? []) {
		turns.push(
			message.type === 'ai' || message.type === 'human'
				? [message.type, String(message.message ?? '')]
				: ['human', [await imageOf(context, itemIndex, model, message)]],
		);
	}
	const prompt = promptOf(context, itemIndex);
	const text = formatInstructions ? `${prompt}\n${formatInstructions}` : prompt;
	const [role, content] = turns.at(-1) ?? [];
	if (role === 'human' && Array.isArray(content)) content.push({ text, type: 'text' });
	else turns.push(['human', text]);
	return messagesFrom(model, turns);
}

function promptOf(context: IExecuteFunctions, itemIndex: number): string {
	const typed = context.getNodeParameter('promptType', itemIndex, 'auto') === 'auto';
	const value: unknown = typed
		? context.getInputData()[itemIndex]?.json.chatInput
		: context.getNodeParameter('text', itemIndex, '');
	const prompt =
		typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
	if (prompt.trim()) return prompt;
	throw new NodeOperationError(context.getNode(), 'The prompt is empty', {
		description: typed
			? 'The incoming item has no field "chatInput", which a Chat Trigger gives. Choose "Define Below" as the source of the prompt, and drag the field that holds the question into "Prompt".'
			: 'Drag the field that holds the question into "Prompt". It has to be there in every incoming item.',
		itemIndex,
	});
}

async function imageOf(
	context: IExecuteFunctions,
	itemIndex: number,
	model: ChatModel,
	{ type, imageUrl = '', binaryImageDataKey = 'data', imageDetail }: GivenMessage,
): Promise<IDataObject> {
	const detail = imageDetail === 'auto' ? undefined : imageDetail;
	if (type === 'imageUrl') return { type: 'image_url', image_url: { url: imageUrl, detail } };
	const { mimeType } = context.helpers.assertBinaryData(itemIndex, binaryImageDataKey);
	if (!mimeType.startsWith('image/')) {
		throw new NodeOperationError(context.getNode(), `The file is no image, but ${mimeType}`, {
			description: `Change "Field With the Image": "${binaryImageDataKey}" has to hold an image.`,
			itemIndex,
		});
	}
	const bytes = await context.helpers.getBinaryDataBuffer(itemIndex, binaryImageDataKey);
	const url = `data:${mimeType};base64,${bytes.toString('base64')}`;
	const bare = BARE_URLS.has(model._llmType?.() ?? '');
	return { type: 'image_url', image_url: bare ? url : { url, detail } };
}

import type { IDataObject } from 'n8n-workflow';

import { digest } from '../digest';
import type { Message } from './chatModel';
import { isPlainObject, plain, type Plain } from './plain';

const ROLES: Record<string, string> = { human: 'user', ai: 'assistant' };

/** What providers hand back to themselves, new with each call, and no part of what is said. */
const OPAQUE_FIELDS = new Set([
	'__gemini_function_call_thought_signatures__',
	'__openai_function_call_ids__',
	'__openai_role__',
	'reasoning',
	'signatures',
]);
const OPAQUE_BLOCK_FIELDS = new Set([
	'encrypted_content',
	'id',
	'index',
	'signature',
	'thoughtSignature',
]);

/** Longer contents of images and files go to the sidecar as their digest. */
const LONGEST_CONTENT = 16_384;

/** An id this long is no word of a text that happens to hold it. */
const DISTINCTIVE = 8;

/**
 * A conversation as the sidecar takes it, all that the model is told in it included.
 *
 * Models name each tool call anew, so that a repeated conversation differs in these ids alone: they are numbered in
 * the order in which they come, wherever they appear. Raises `NotPlain`.
 */
export function conversationOf(messages: Message[]): IDataObject[] {
	const ids = toolCallIds(messages);
	return messages.map((message, at) => {
		const said = material(message, `messages[${at}]`);
		return (said.role === 'user' ? said : renamed(said, ids)) as IDataObject;
	});
}

/** What the user said last, in words; images and files left out. */
export function promptOf(messages: Message[]): string {
	const asked = messages.filter((message) => message._getType() === 'human').at(-1);
	const { content } = asked ?? messages.at(-1) ?? { content: '' };
	if (!Array.isArray(content)) return String(content ?? '');
	const parts = content as Array<string | { text?: unknown }>;
	const texts = parts.map((part) => (typeof part === 'string' ? part : part.text));
	return texts.filter((text) => typeof text === 'string').join('\n');
}

function material(message: Message, path: string): IDataObject {
	const type = message._getType();
	const told = message.additional_kwargs ?? {};
	const role = ROLES[type] ?? (type === 'generic' ? (message.role ?? type) : type);
	const said: IDataObject = {
		role: typeof told.__openai_role__ === 'string' ? told.__openai_role__ : role,
		content: contentOf(message, `${path}.content`) as IDataObject,
	};
	for (const field of ['name', 'tool_call_id', 'status'] as const) {
		if (message[field]) said[field] = message[field];
	}
	for (const field of ['tool_calls', 'invalid_tool_calls'] as const) {
		if (message[field]?.length) {
			said[field] = plain(message[field], `${path}.${field}`) as IDataObject[];
		}
	}
	const more = Object.entries(told).filter(
		([name, value]) =>
			value !== undefined &&
			!OPAQUE_FIELDS.has(name) &&
			!(name === 'tool_calls' && message.tool_calls?.length),
	);
	if (more.length > 0) {
		said.additional_kwargs = plain(
			Object.fromEntries(more),
			`${path}.additional_kwargs`,
		) as IDataObject;
	}
	return said;
}

function contentOf(message: Message, path: string): Plain {
	const content = plain(message.content ?? null, path);
	if (!Array.isArray(content)) return content;
	const answer = message._getType() === 'ai';
	return (content as Plain[]).map((block) => {
		if (!isPlainObject(block)) return block;
		const { text, ...rest } = answer ? withoutOpaque(block) : block;
		const short = shortened(rest as IDataObject) as IDataObject;
		return text === undefined ? short : { ...short, text };
	}) as IDataObject[];
}

function withoutOpaque(block: Record<string, unknown>): Record<string, unknown> {
	const isToolUse = block.type === 'tool_use' || block.type === 'tool_call';
	return Object.fromEntries(
		Object.entries(block).filter(
			([name]) => !OPAQUE_BLOCK_FIELDS.has(name) || (name === 'id' && isToolUse),
		),
	);
}

function shortened(value: Plain): Plain {
	if (typeof value === 'string') return value.length > LONGEST_CONTENT ? digest(value) : value;
	if (Array.isArray(value)) return (value as Plain[]).map(shortened) as IDataObject[];
	if (!isPlainObject(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, item]) => [name, shortened(item as Plain)]),
	) as IDataObject;
}

function toolCallIds(messages: Message[]): Map<string, string> {
	const ids = new Map<string, string>();
	for (const { tool_calls, tool_call_id, content } of messages) {
		const blocks = Array.isArray(content) ? (content as unknown[]) : [];
		const used = blocks.map((block) =>
			isPlainObject(block) && block.type === 'tool_use' ? block.id : undefined,
		);
		for (const id of [...(tool_calls ?? []).map((call) => call.id), ...used, tool_call_id]) {
			if (typeof id === 'string' && id && !ids.has(id)) ids.set(id, `tool-call#${ids.size + 1}`);
		}
	}
	return ids;
}

function renamed(value: Plain, ids: Map<string, string>): Plain {
	if (typeof value === 'string') {
		let text = ids.get(value) ?? value;
		for (const [id, name] of ids) {
			if (id.length >= DISTINCTIVE) text = text.replaceAll(id, name);
		}
		return text;
	}
	if (Array.isArray(value))
		return (value as Plain[]).map((item) => renamed(item, ids)) as IDataObject[];
	if (!isPlainObject(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, item]) => [name, renamed(item as Plain, ids)]),
	) as IDataObject;
}

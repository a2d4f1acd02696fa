import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { canonical } from '../../shared/canonical';
import type { Origin } from './lineage';

/** One item of an answer, without what it has from the item that asked. */
interface KeptItem {
	/** What the AI node added or changed. */
	json: IDataObject;
	/** The fields that are those of the asking item; true for all that it has. */
	own?: true | string[];
	/** The files that are those of the asking item. */
	files?: string[];
}

/** A name that no AI node gives to a field. */
const ITEMS = 'n8n.items';

/**
 * What is stored of the items that answer one question: the very item in the plain case, else a list in which what an
 * item has from the one that asked is only named, so that whoever asks the same next gets what is his.
 */
export function responseOf(answers: INodeExecutionData[], origin: Origin): IDataObject {
	const kept = answers.map((answer) => keptOf(answer, origin));
	const [{ json, own, files }, ...others] = kept as [KeptItem, ...KeptItem[]];
	if (others.length > 0 || own || files || ITEMS in json) return { [ITEMS]: kept } as IDataObject;
	return json;
}

/** What an item that asks is given of a stored response. */
export function itemsFrom(
	response: unknown,
	asking: INodeExecutionData,
): Array<Pick<INodeExecutionData, 'json' | 'binary'>> {
	return (keptIn(response) ?? [{ json: jsonOf(response) }]).map(({ json, own, files = [] }) => {
		const fields = own === true ? Object.keys(asking.json) : (own ?? []);
		const given = { json: { ...picked(asking.json, fields), ...json } };
		const binary = picked(asking.binary ?? {}, files);
		return Object.keys(binary).length > 0 ? { ...given, binary } : given;
	});
}

/** The fields that an answer has from the item that asked, under the names that they have there. */
function keptOf({ json, binary = {} }: INodeExecutionData, { item, ai }: Origin): KeptItem {
	const own = Object.keys(json).filter(
		(field) => has(item.json, field, json[field]) && !has(ai?.own?.json, field, json[field]),
	);
	const rest = Object.keys(json).filter((field) => !own.includes(field) && field !== '_cache');
	const kept: KeptItem = { json: picked(json, rest) };
	if (own.length > 0) kept.own = own.length === Object.keys(item.json).length ? true : own;
	const files = Object.keys(binary).filter((name) => has(item.binary, name, binary[name]));
	if (files.length > 0) kept.files = files;
	return kept;
}

/** Files that an answer has and its question has not. */
export function newFiles(
	{ binary = {} }: INodeExecutionData,
	question: INodeExecutionData,
): NonNullable<INodeExecutionData['binary']> {
	const names = Object.keys(binary);
	return picked(
		binary,
		names.filter((name) => !has(question.binary, name, binary[name])),
	);
}

/** Only an answer's fields can be stored. */
export function bringsFiles(answer: INodeExecutionData, question: INodeExecutionData): boolean {
	return Object.keys(newFiles(answer, question)).length > 0;
}

/** Fields that came into an answer after the AI node, from the asking item and under another name. */
export function copiedFields(answer: INodeExecutionData, { item, ai }: Origin): string[] {
	if (!ai || ai.after.length === 0) return [];
	const theirs = new Set(Object.values(item.json).filter(isTelling).map(canonical));
	return Object.keys(answer.json).filter(
		(field) =>
			theirs.has(canonical(answer.json[field])) &&
			!has(ai.output.json, field, answer.json[field]) &&
			!has(item.json, field, answer.json[field]),
	);
}

function isTelling(value: unknown): boolean {
	return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

function keptIn(response: unknown): KeptItem[] | undefined {
	const items = (response as IDataObject | null | undefined)?.[ITEMS];
	return Array.isArray(items) ? (items as unknown as KeptItem[]) : undefined;
}

function jsonOf(response: unknown): IDataObject {
	const isObject = typeof response === 'object' && response !== null && !Array.isArray(response);
	return isObject ? (response as IDataObject) : { response: response as string };
}

function has(fields: object | undefined, name: string, value: unknown): boolean {
	if (fields === undefined || !Object.hasOwn(fields, name)) return false;
	return canonical((fields as IDataObject)[name]) === canonical(value);
}

function picked<T extends object>(fields: T, names: string[]): T {
	return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name))) as T;
}

import type { GenericValue, IDataObject } from 'n8n-workflow';

import { digest } from '../digest';

export type Plain = GenericValue | IDataObject | GenericValue[] | IDataObject[];

/** Said of a call whose request or answer cannot be written as JSON without losing something. */
export class NotPlain extends Error {
	constructor(readonly path: string) {
		super(`${path} is not plain data`);
	}
}

/**
 * The value as JSON would have it; what JSON has no form for is a `NotPlain`, so that nothing is left out in silence.
 * Bytes become their digest.
 */
export function plain(value: unknown, path: string): Plain {
	return convert(value, path, [], (lost) => {
		throw new NotPlain(lost);
	});
}

/** As much of the value as is plain; undefined when nothing is. */
export function plainPart(value: unknown): Plain | undefined {
	return convert(value, '', [], () => undefined);
}

function convert<Lost>(
	value: unknown,
	path: string,
	above: object[],
	lose: (path: string) => Lost,
): Plain | Lost {
	if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
	if (typeof value === 'number' && Number.isFinite(value)) return value;
	if (value instanceof Date) return value.toISOString();
	if (value instanceof URL) return value.href;
	if (ArrayBuffer.isView(value)) return digest(value as Uint8Array);
	if (typeof value !== 'object' || above.includes(value)) return lose(path);
	const inside = [...above, value];
	if (Array.isArray(value)) {
		return value
			.map((item: unknown, at) => convert(item ?? null, `${path}[${at}]`, inside, lose))
			.filter((item) => item !== undefined) as IDataObject[];
	}
	if (!isPlainObject(value)) return lose(path);
	return Object.fromEntries(
		Object.entries(value)
			.filter(([, item]) => item !== undefined)
			.map(([name, item]) => [name, convert(item, `${path}.${name}`, inside, lose)])
			.filter(([, item]) => item !== undefined),
	) as IDataObject;
}

/** Whether it has fields and nothing else; objects of a class have behaviour, which no JSON tells. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
	const prototype: unknown = Object.getPrototypeOf(value);
	return prototype === null || Object.getPrototypeOf(prototype) === null;
}

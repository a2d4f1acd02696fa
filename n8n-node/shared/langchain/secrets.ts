import type { IDataObject } from 'n8n-workflow';

import { digest } from '../digest';
import { isPlainObject, type Plain } from './plain';

/** Names whose values open doors; "tokens" in the plural are counts. */
const SECRET =
	/api[-_]?key|access[-_]?key|private[-_]?key|subscription[-_]?key|secret|passw|passphrase|credential|authorization|bearer|cookie|token$|^auth$/i;

const HEADERS = /headers$/i;

export function isSecretName(name: string): boolean {
	return SECRET.test(name);
}

/** A plain value without what opens doors. Headers may do so by any name, so of these only digests are left. */
export function withoutSecrets(value: Plain): Plain {
	if (typeof value === 'string') return withoutUrlSecrets(value);
	if (Array.isArray(value)) return (value as IDataObject[]).map(withoutSecrets) as IDataObject[];
	if (!isPlainObject(value)) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([name]) => !isSecretName(name))
			.map(([name, item]) => [
				name,
				HEADERS.test(name) ? digested(item) : withoutSecrets(item as Plain),
			]),
	) as IDataObject;
}

function digested(headers: unknown): Plain {
	if (!isPlainObject(headers)) return digest(JSON.stringify(headers));
	return Object.fromEntries(
		Object.entries(headers)
			.filter(([name]) => !isSecretName(name))
			.map(([name, value]) => [name.toLowerCase(), digest(JSON.stringify(value))]),
	);
}

function withoutUrlSecrets(text: string): string {
	if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
	try {
		const url = new URL(text);
		if (!url.username && !url.password && !url.search) return text;
		url.username = '';
		url.password = '';
		for (const name of [...url.searchParams.keys()]) {
			if (isSecretName(name) || /^(key|sig|signature)$/i.test(name)) url.searchParams.delete(name);
		}
		return url.href;
	} catch {
		return text;
	}
}

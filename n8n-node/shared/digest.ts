import { createHash } from 'crypto';

/** SHA-256 in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
	return createHash('sha256').update(content).digest('hex');
}

/** What stands for a content in its place. */
export function digest(content: string | Uint8Array): string {
	return `sha256:${sha256(content)}`;
}

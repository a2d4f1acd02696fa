/** How long the circuit to a cache that did not answer stays open, in milliseconds. */
const OPEN_MS = 10_000;

const openUntil = new Map<string, number>();

/** Whether this cache was unreachable a moment ago: a long run must not wait for it at every call. */
export function isOpen(credential: string, now = Date.now()): boolean {
	return now < (openUntil.get(credential) ?? 0);
}

export function trip(credential: string, now = Date.now()): void {
	openUntil.set(credential, now + OPEN_MS);
}

export function close(credential: string): void {
	openUntil.delete(credential);
}

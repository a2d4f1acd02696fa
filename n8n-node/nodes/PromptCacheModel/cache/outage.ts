/** How long a cache that did not answer is left alone, in milliseconds. */
const REST_MS = 10_000;

const restingUntil = new Map<string, number>();

/** Whether this cache was unreachable a moment ago: a long run must not wait for it at every call. */
export function isResting(credential: string, now = Date.now()): boolean {
	return now < (restingUntil.get(credential) ?? 0);
}

export function rest(credential: string, now = Date.now()): void {
	restingUntil.set(credential, now + REST_MS);
}

export function wake(credential: string): void {
	restingUntil.delete(credential);
}

/** How a promise ended. */
export type Settled<T> = { value: T } | { failure: unknown };

/** Wait for a promise without throwing what it throws. */
export async function settled<T>(promise: Promise<T>): Promise<Settled<T>> {
	return await promise.then(
		(value) => ({ value }),
		(failure: unknown) => ({ failure }),
	);
}

import { sleep } from 'n8n-workflow';

/** The longest nap between two looks at whether the caller has given up, in milliseconds. */
const NAP_MS = 1000;

/** Calls of this process that ask their model right now; each comes to whether its answer was stored. */
const flights = new Map<string, Promise<boolean>>();

/** The call in flight that asks the very same, if there is one. */
export function inFlight(id: string): Promise<boolean> | undefined {
	return flights.get(id);
}

/** Let calls that ask the same wait for this one, until the function returned is called. */
export function lead(id: string): (stored: boolean) => void {
	let end: (stored: boolean) => void = () => {};
	const flight = new Promise<boolean>((resolve) => (end = resolve));
	flights.set(id, flight);
	return (stored) => {
		if (flights.get(id) === flight) flights.delete(id);
		end(stored);
	};
}

/** Wait for a call in flight, for at most `patience` seconds: whether its answer was stored. */
export async function join(
	flight: Promise<boolean>,
	patience: number,
	signal?: AbortSignal,
): Promise<boolean> {
	const deadline = Date.now() + patience * 1000;
	for (let left = patience * 1000; left > 0 && !signal?.aborted; left = deadline - Date.now()) {
		const nap = sleep(Math.min(left, NAP_MS)).then(() => undefined);
		const stored = await Promise.race([flight, nap]);
		if (stored !== undefined) return stored;
	}
	return false;
}

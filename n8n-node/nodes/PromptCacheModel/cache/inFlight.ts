import { sleep } from 'n8n-workflow';

/** The longest nap between two looks at whether the caller has given up, in milliseconds. */
const NAP_MS = 1000;

/** Calls of this process that ask their model right now; each comes to whether its answer was kept. */
const leaders = new Map<string, Promise<boolean>>();

/** The call that asks the very same, if there is one. */
export function leaderOf(id: string): Promise<boolean> | undefined {
	return leaders.get(id);
}

/** Let calls that ask the same wait for this one, until the function returned is called. */
export function lead(id: string): (kept: boolean) => void {
	let land: (kept: boolean) => void = () => {};
	const landing = new Promise<boolean>((resolve) => (land = resolve));
	leaders.set(id, landing);
	return (kept) => {
		if (leaders.get(id) === landing) leaders.delete(id);
		land(kept);
	};
}

/** Wait for a leader, for at most `patience` seconds: whether its answer was kept. */
export async function waitFor(
	leader: Promise<boolean>,
	patience: number,
	signal?: AbortSignal,
): Promise<boolean> {
	const deadline = Date.now() + patience * 1000;
	for (let left = patience * 1000; left > 0 && !signal?.aborted; left = deadline - Date.now()) {
		const nap = sleep(Math.min(left, NAP_MS)).then(() => undefined);
		const kept = await Promise.race([leader, nap]);
		if (kept !== undefined) return kept;
	}
	return false;
}

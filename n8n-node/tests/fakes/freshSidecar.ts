import { afterEach, beforeEach } from 'vitest';

import { FakeSidecar } from './sidecar';

/** New for each test of the file that imports it. */
export let sidecar: FakeSidecar;

beforeEach(async () => {
	sidecar = await new FakeSidecar().start();
});

afterEach(async () => {
	await sidecar.stop();
});

import type { ICredentialTestFunctions, IDataObject } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { testCacheServer } from '../../shared/credentialTest';
import { sidecar } from '../fakes/freshSidecar';
import { FakeSidecar, problem } from '../fakes/sidecar';

/** As n8n does for tests of credentials. */
const helpers = {
	request: async ({ uri, headers }: { uri: string; headers: Record<string, string> }) => {
		const reply = await fetch(uri, { headers }).catch((thrown: Error) => {
			const { code, message } = thrown.cause as { code: string; message: string };
			throw Object.assign(new Error(message), { code });
		});
		const text = await reply.text();
		const json = reply.headers.get('content-type')?.includes('json');
		return { statusCode: reply.status, body: json ? (JSON.parse(text) as unknown) : text };
	},
};

async function tested(data: IDataObject) {
	const context = { helpers } as unknown as ICredentialTestFunctions;
	const credential = { id: '1', name: 'Mine', type: 'promptCacheApi' };
	return await testCacheServer.call(context, { ...credential, data: data as never });
}

describe('the test of a credential', () => {
	it('succeeds where the cache server takes the token', async () => {
		sidecar.on('GET /v1/stats', ({ headers }) =>
			headers.authorization === 'Bearer secret' ? { body: { hits: 0 } } : problem(401, 'no'),
		);
		const data = { baseUrl: `${sidecar.url}/`, token: 'secret' };
		expect(await tested(data)).toMatchObject({ status: 'OK' });
	});

	it('names the token where that is wrong', async () => {
		sidecar.on('GET /v1/stats', problem(401, 'unauthorized', { detail: 'unknown token' }));
		expect(await tested({ baseUrl: sidecar.url, token: 'x' })).toEqual({
			status: 'Error',
			message:
				'Prompt Cache did not accept the token. Enter a token that the cache server knows in the Prompt Cache API credential. It says: unknown token',
		});
	});

	it('says that nothing listens, and what that means in Docker', async () => {
		const gone = await new FakeSidecar().start();
		const baseUrl = gone.url;
		await gone.stop();
		const { status, message } = await tested({ baseUrl, token: '' });
		expect(status).toBe('Error');
		expect(message).toMatch(
			/^Prompt Cache did not answer at \S+: nothing listens there\. .*When n8n runs in Docker/,
		);
	});

	it('knows another service by its answer', async () => {
		sidecar.on('GET /v1/stats', { status: 404, body: '<html>', type: 'text/html' });
		const { message } = await tested({ baseUrl: sidecar.url });
		expect(message).toContain('answered, but not like Prompt Cache (status 404)');
	});
});

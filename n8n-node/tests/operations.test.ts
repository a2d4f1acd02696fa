import { beforeEach, describe, expect, it } from 'vitest';
import type { IDataObject } from 'n8n-workflow';

import { CACHE_TYPE, Execution } from './fakes/execution';
import { sidecar } from './fakes/freshSidecar';
import { problem, type Received } from './fakes/sidecar';

function execution(parameters: IDataObject, items: IDataObject[] = [{}]): Execution {
	const made = new Execution({ Before: {}, Cache: { type: CACHE_TYPE, parameters } }, [
		{ from: 'Before', to: 'Cache' },
	]);
	made.credentials.baseUrl = `${sidecar.url}/`;
	return made.put('Before', [items.map((json) => ({ json }))]);
}

async function run(parameters: IDataObject, items?: IDataObject[]): Promise<IDataObject[]> {
	const [output] = await execution(parameters, items).run('Cache', { previousNode: 'Before' });
	return output!.map(({ json }) => json);
}

function last(): Received {
	return sidecar.received.at(-1)!;
}

describe('Invalidate', () => {
	const invalidate = { resource: 'answer', operation: 'invalidate', namespace: 'bot' };

	it('sends every condition', async () => {
		sidecar.on('POST /v1/invalidate', { body: { deleted: 3, dry_run: false } });
		const filters = {
			key: 'k',
			prompt: 'q',
			system: 's',
			model: 'm',
			attributes: { pairs: [{ name: 'customer', value: 'acme' }] },
			tags: 'a, b',
			olderThan: { time: { amount: 30, unit: 'd' } },
		};
		expect(await run({ ...invalidate, filters })).toEqual([{ deleted: 3 }]);
		expect(last().body).toEqual({
			any_attributes: ['n8n.aiNodes', 'n8n.runs'],
			namespace: 'bot',
			key: 'k',
			prompt: 'q',
			system: 's',
			model: 'm',
			attributes: { customer: 'acme' },
			tags: ['a', 'b'],
			older_than: '30d',
			dry_run: false,
		});
	});

	it('takes messages as JSON', async () => {
		sidecar.on('POST /v1/invalidate', { body: { deleted: 1 } });
		await run({ ...invalidate, filters: { messages: '[{"role":"user","content":"Hi"}]' } });
		expect(last().body.messages).toEqual([{ role: 'user', content: 'Hi' }]);
	});

	it('only counts in a preview', async () => {
		sidecar.on('POST /v1/invalidate', { body: { deleted: 3, dry_run: true } });
		expect(await run({ ...invalidate, filters: { tags: 'a' }, preview: true })).toEqual([
			{ wouldDelete: 3 },
		]);
		expect(last().body.dry_run).toBe(true);
	});

	it.each([{}, { tags: ' , ' }, { messages: '[]', attributes: {} }])(
		'asks for a condition where %o is all',
		async (filters) => {
			await expect(run({ ...invalidate, filters })).rejects.toThrow(
				'No condition says which answers to invalidate',
			);
			expect(sidecar.received).toEqual([]);
		},
	);

	it('says what is wrong with messages that are no JSON', async () => {
		await expect(run({ ...invalidate, filters: { messages: '[{' } })).rejects.toThrow(
			'The messages are not a list',
		);
	});
});

describe('Delete', () => {
	it('deletes by key, each item on its own', async () => {
		sidecar.on('DELETE /v1/entries/a%2Fb', { body: { deleted: 1 } });
		const parameters = { resource: 'answer', operation: 'delete', key: 'a/b' };
		expect(await run(parameters, [{}, {}])).toEqual([{ deleted: true }, { deleted: true }]);
		expect(sidecar.received).toHaveLength(2);
	});

	it('goes on with the next item when it continues on fail', async () => {
		sidecar.on('DELETE /v1/entries/gone', problem(404, 'not-found', { detail: 'no such entry' }));
		const made = execution({ resource: 'answer', operation: 'delete', key: 'gone' }, [{}, {}]);
		made.continueOnFail = true;
		const [items] = await made.run('Cache', { previousNode: 'Before' });
		expect(items!.map(({ json, pairedItem }) => [json, pairedItem])).toEqual([
			[{ error: 'No such entry' }, { item: 0 }],
			[{ error: 'No such entry' }, { item: 1 }],
		]);
		// n8n would take the fields off an item that has one.
		expect(items![0]!.error).toBeUndefined();
	});
});

describe('Get Many', () => {
	const getMany = { resource: 'answer', operation: 'getAll', namespace: 'bot' };

	beforeEach(() => {
		sidecar.on('GET /v1/entries', ({ query }) => {
			const from = Number(query.cursor ?? 0);
			const to = Math.min(250, from + Number(query.limit));
			const items = Array.from({ length: to - from }, (_, at) => ({ key: `k${from + at}` }));
			return { body: { items, next_cursor: to < 250 ? String(to) : null } };
		});
	});

	it('follows the pages to the end', async () => {
		const found = await run({ ...getMany, returnAll: true });
		expect(found.map(({ key }) => key)).toEqual(Array.from({ length: 250 }, (_, at) => `k${at}`));
		expect(sidecar.received).toHaveLength(3);
	});

	it('stops at the limit', async () => {
		expect(await run({ ...getMany, limit: 120 })).toHaveLength(120);
		expect(sidecar.received.map(({ query }) => query.limit)).toEqual(['100', '20']);
	});

	it('sends the filters that are filled in', async () => {
		await run({ ...getMany, limit: 1, filters: { tag: 'a', model: '', q: 'refund' } });
		expect(last().query).toEqual({ namespace: 'bot', tag: 'a', q: 'refund', limit: '1' });
	});
});

describe('Flush', () => {
	it.each([
		[{ scope: 'one', namespace: 'bot' }, { namespace: 'bot' }],
		[{ scope: 'all' }, { all: true, keep_statistics: true }],
	])('with %o sends %o', async (parameters, body) => {
		sidecar.on('POST /v1/flush', { body: { deleted: 9 } });
		expect(await run({ resource: 'namespace', operation: 'flush', ...parameters })).toEqual([
			{ deleted: 9 },
		]);
		expect(last().body).toEqual(body);
	});
});

describe('Bump Version', () => {
	it('sends the names and returns their versions', async () => {
		sidecar.on('POST /v1/bump', { body: { versions: { kb: 7, faq: 1 } } });
		const parameters = {
			resource: 'namespace',
			operation: 'markAsChanged',
			namespace: 'bot',
			names: 'kb, faq',
		};
		expect(await run(parameters)).toEqual([{ versions: { kb: 7, faq: 1 } }]);
		expect(last().body).toEqual({ namespace: 'bot', names: ['kb', 'faq'] });
	});
});

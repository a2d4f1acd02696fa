import type { IDataObject } from 'n8n-workflow';
import { beforeEach, describe, expect, it } from 'vitest';

import { CACHE_TYPE, Execution } from './fakes/execution';
import { sidecar } from './fakes/freshSidecar';
import { problem } from './fakes/sidecar';

const EUROS = { code: 'EUR', rate: 0.5 };
const UNKNOWN = { month: '2026-11', with_cache: null, without_cache: null, reason: 'too few' };
const DOLLARS = { code: 'USD', rate: 1 };

function totals({
	saved = {},
	spent = {},
	...more
}: {
	saved?: IDataObject;
	spent?: IDataObject;
	[more: string]: unknown;
} = {}): IDataObject {
	return {
		lookups: 4,
		hits: 3,
		misses: 1,
		hit_rate: 0.75,
		saved: {
			cost_usd: 0.1,
			input_tokens: 1000,
			output_tokens: 234,
			seconds: 25,
			unpriced_hits: 0,
			...saved,
		},
		spent: { cost_usd: 0.02, calls: 1, unpriced_calls: 0, unpriced_other_calls: 0, ...spent },
		...more,
	};
}

function grouped(by: Record<string, string>, more: IDataObject = {}): IDataObject {
	return totals({ group: Object.values(by).join(' / '), by, ...more });
}

/** What somebody rejected: nothing that was asked or paid. */
const IDLE = { lookups: 0, hits: 0, misses: 0, hit_rate: null, spent: { calls: 0, cost_usd: 0 } };

/** What the cache server tells, the same whatever is asked but by model. */
function tells(groups: IDataObject[] = [], more: IDataObject = {}, models: IDataObject[] = []) {
	sidecar.on('GET /v1/stats', ({ query }) => ({
		body: {
			since: null,
			until: null,
			currency: DOLLARS,
			...totals(),
			...more,
			...(query.group_by && { groups: query.group_by === 'model' ? models : groups }),
			...(query.interval && { groups }),
		},
	}));
}

async function get(parameters: IDataObject = {}): Promise<IDataObject[]> {
	const [items] = await execution(parameters).run('Cache', { previousNode: 'Before' });
	return items!.map(({ json }) => json);
}

function execution(parameters: IDataObject): Execution {
	const own = { resource: 'statistics', operation: 'get', period: 'all', groupBy: [] };
	const made = new Execution(
		{
			Before: {},
			Cache: {
				type: CACHE_TYPE,
				parameters: { ...own, interval: 'none', output: 'groups', ...parameters },
			},
		},
		[{ from: 'Before', to: 'Cache' }],
	);
	made.credentials.baseUrl = sidecar.url;
	return made.put('Before', [[{ json: {} }]]);
}

const asked = () =>
	sidecar.received.filter(({ path }) => path === '/v1/stats').map(({ query }) => query);

beforeEach(() => {
	sidecar.on('GET /v1/forecast', { body: UNKNOWN });
});

describe('what is asked', () => {
	it('is everything, by nothing', async () => {
		tells();
		await get();
		expect(asked()).toEqual([{}]);
	});

	it.each([
		[['workflow', 'match'], 'day', { group_by: 'workflow,match', interval: 'day' }],
		[['reason'], 'none', { group_by: 'reason' }],
		[[], 'hour', { interval: 'hour' }],
		['workflow, node', 'none', { group_by: 'workflow,node' }],
	])('groups by %j in each %s', async (groupBy, interval, query) => {
		tells();
		await get({ groupBy, interval });
		expect(asked()).toEqual([query]);
	});

	it('are those that the filters let through', async () => {
		tells();
		const workflow = { __rl: true, mode: 'name', value: 'Support' };
		await get({ filters: { namespace: 'bot', workflow, model: ' ', node: '' } });
		expect(asked()).toEqual([{ namespace: 'bot', workflow: 'Support' }]);
	});

	it('is a period that is chosen', async () => {
		tells();
		await get({ period: 'week' });
		const [{ since, ...rest }] = asked() as [IDataObject];
		expect(rest).toEqual({});
		expect(Date.now() - Date.parse(since as string)).toBeCloseTo(7 * 86_400_000, -4);
	});

	it('is a period of its own', async () => {
		tells();
		await get({ period: 'custom', since: '2026-01-01T00:00:00+01:00', until: '' });
		expect(asked()).toEqual([{ since: '2025-12-31T23:00:00.000Z' }]);
		await get({ period: 'custom', since: '14d', until: '7d' });
		expect(asked().at(-1)).toEqual({ since: '14d', until: '7d' });
	});
});

describe('an item for each group', () => {
	it('has the numbers, and a line that tells them', async () => {
		const groups = [
			grouped({ workflow: 'Support bot', node: 'Look Up' }),
			grouped(
				{ workflow: 'Other', node: '' },
				{ saved: { cost_usd: 0, unpriced_hits: 2 }, spent: { cost_usd: 12.345 } },
			),
		];
		tells(groups);
		const items = await get({ groupBy: ['workflow', 'node'] });
		expect(items).toMatchObject(groups);
		expect(items.map(({ text }) => text)).toEqual([
			'Support bot, Look Up: 3 of 4 from the cache; saved: $0.1000; spent: $0.0200',
			'Other, (none): 3 of 4 from the cache; saved: price unknown for 2 hits; spent: $12.35',
		]);
		expect(sidecar.received).toHaveLength(1);
	});

	it('is none for what was neither asked nor paid', async () => {
		tells([grouped({ workflow: 'Support' }), grouped({ workflow: '' }, IDLE)]);
		const rows = await get({ groupBy: ['workflow'] });
		expect(rows.map(({ group }) => group)).toEqual(['Support']);
		const [report] = await get({ groupBy: ['workflow'], output: 'report' });
		expect(report!.text).not.toContain('(none)');
	});

	it('has its money in the configured currency', async () => {
		const groups = [
			grouped({ workflow: 'A' }, { saved: { cost_usd: 10, unpriced_hits: 1 } }),
			grouped({ workflow: 'B' }, { saved: { cost_usd: 0.00002 } }),
		];
		tells(groups, { currency: EUROS });
		const items = await get({ groupBy: ['workflow'] });
		const money = items.map((item) => (item.saved as IDataObject).money);
		expect(money).toEqual(['€5.00, and price unknown for 1 hit', 'less than €0.0001']);
	});

	it('is none where nobody asked', async () => {
		tells([]);
		expect(await get({ groupBy: ['workflow'] })).toEqual([]);
	});
});

describe('the report', () => {
	const report = async (parameters: IDataObject = {}) => {
		const [item, ...others] = await get({ output: 'report', ...parameters });
		expect(others).toEqual([]);
		return item as IDataObject & {
			text: string;
			table: { markdown: string; html: string };
		};
	};

	it('of all is one item, whatever the output', async () => {
		tells([], { currency: EUROS });
		const told = await report({ period: 'week' });
		expect(told).toEqual((await get({ period: 'week' }))[0]);
		expect(told).toMatchObject({ hits: 3, saved: { cost_usd: 0.1, money: '€0.0500' } });
		expect(told.subject).toBe('Prompt Cache, last 7 days: €0.0500 saved');
		expect(told.text).toBe(
			[
				'Prompt Cache, last 7 days: €0.0500 saved',
				'From the cache: 3 of 4 questions (75%)',
				'Saved: €0.0500; 1,234 tokens; 25 seconds',
				'Spent: €0.0100; 1 call',
			].join('\n'),
		);
		expect(told.table.markdown.split('\n').slice(2, 4)).toEqual([
			'| Questions  |       4 |',
			'| Hits       |       3 |',
		]);
	});

	it('says that nothing is saved yet', async () => {
		tells([], totals({ hits: 0, lookups: 0, hit_rate: null, saved: { cost_usd: 0 } }));
		const { subject, text } = await report();
		expect(subject).toBe('Prompt Cache, all time: nothing saved yet');
		expect(text).toContain('From the cache: 0 of 0 questions (-)');
	});

	it.each([
		[
			{ since: '2026-11-01T00:00:00Z', until: '2026-11-08T00:00:00Z' },
			'1 November 2026 to 8 November 2026',
		],
		[{ since: '2026-11-01T00:00:00Z' }, 'since 1 November 2026'],
		[{ until: '2026-11-08T00:00:00Z' }, 'until 8 November 2026'],
		[{}, 'all time'],
	])('names the days of %o', async (bounds, period) => {
		tells([], bounds);
		expect((await report({ period: 'custom' })).subject).toContain(`Prompt Cache, ${period}: `);
	});

	it('tells what the month will cost, with its uncertainty', async () => {
		const forecast = {
			month: '2026-11',
			with_cache: { low: 1, expected: 2, high: 3 },
			without_cache: { low: 10, expected: 20, high: 30 },
		};
		sidecar.on('GET /v1/forecast', { body: forecast });
		tells();
		const told = await report({ filters: { namespace: 'bot', model: 'm' } });
		expect(told.text).toContain(
			'This month will cost about $2.00 ($1.00 to $3.00); without the cache $20.00 ($10.00 to $30.00)',
		);
		expect(told.forecast).toEqual(forecast);
		expect(sidecar.received.at(-1)!.query).toEqual({ namespace: 'bot', model: 'm' });
	});

	it('names the models that have no price', async () => {
		const models = [
			grouped({ model: 'mine' }, { saved: { unpriced_hits: 2 } }),
			grouped({ model: 'gpt' }),
			grouped({ model: 'yours' }, { spent: { unpriced_calls: 1 } }),
		];
		tells([], totals({ saved: { unpriced_hits: 2 } }), models);
		const { text } = await report({ period: 'all', filters: { namespace: 'bot' } });
		expect(text).toContain('Saved: $0.1000, and price unknown for 2 hits;');
		expect(text).toContain('Give a price to: mine, yours. The sums are without them.');
		expect(asked()[1]).toEqual({ namespace: 'bot', group_by: 'model' });

		const many = Array.from({ length: 12 }, (_, at) =>
			grouped({ model: `m${at}` }, { saved: { unpriced_hits: 1 } }),
		);
		tells([], totals({ spent: { unpriced_calls: 2 } }), many);
		expect((await report()).text).toMatch(/Give a price to: m0, .*, m9 and 2 more\. The sums/);
	});

	it('has the groups that saved most first, and all of them in its sums', async () => {
		const groups = Array.from({ length: 120 }, (_, at) =>
			grouped({ workflow: `flow ${at}` }, { saved: { cost_usd: at } }),
		);
		tells(groups);
		const told = await report({ groupBy: ['workflow'] });
		const lines = told.text.split('\n');
		expect(lines.slice(-11)).toEqual([
			...Array.from({ length: 10 }, (_, at) =>
				expect.stringMatching(new RegExp(`^• flow ${119 - at}: `)),
			),
			'• and 110 more',
		]);
		const rows = told.table.markdown.split('\n');
		expect(rows).toHaveLength(2 + 100 + 1);
		expect(rows.at(-1)).toMatch(/^\| All, with 20 more +\|/);
		expect(told.table.html.match(/<tr>/g)).toHaveLength(102);
		expect(told.groups).toHaveLength(120);
	});

	it('has the latest first where there is a time', async () => {
		const days = ['2026-11-01', '2026-11-02'];
		tells(days.map((day, at) => grouped({ day, workflow: 'A' }, { saved: { cost_usd: at } })));
		const { text } = await report({ interval: 'day', groupBy: ['workflow'] });
		expect(text.match(/• .*?, A/g)).toEqual(['• 2026-11-02, A', '• 2026-11-01, A']);
	});

	it('fails with the words of the cache server', async () => {
		sidecar.on('GET /v1/stats', problem(403, 'forbidden', { detail: 'not this namespace' }));
		await expect(report()).rejects.toThrow('The token does not allow this');
	});
});

describe('the dashboard', () => {
	it.each([
		[{ period: 'all' }, '/'],
		[{ period: 'day' }, '/?period=today'],
		[
			{ period: 'week', filters: { workflow: 'A "b" & <c>', namespace: 'bot' } },
			'/?period=7d&namespace=bot&workflow=A%20%22b%22%20%26%20%3Cc%3E',
		],
	])('shows the same: %o', async (parameters, link) => {
		tells();
		const made = execution(parameters);
		made.credentials.baseUrl = `${sidecar.url}/`;
		await made.run('Cache', { previousNode: 'Before' });
		expect(made.hints.map(({ message }) => message)).toEqual([
			`<a href="${sidecar.url}${link}" target="_blank">See the same in the dashboard</a>`,
		]);
	});
});

describe('hostile names', () => {
	const hostile = [
		'a | b',
		'<script>alert(1)</script>',
		'line\r\nbreak\u2028and\u0000nul',
		'=HYPERLINK("http://x","y")',
		'![x](http://x/track.png)',
		'`code` *bold* _it_ ~no~ # ! \\',
		'<!channel> @everyone <@U1>',
		'\u202Egnp.exe',
		'"><img src=x onerror=alert(1)>',
		"o'neil & sons",
		'x'.repeat(1000),
		'{{ $json.secret }}',
		'-1+1',
		'',
	];

	it('stay one cell of one row each', async () => {
		tells(hostile.map((workflow) => grouped({ workflow, node: workflow })));
		const [{ text, table }] = (await get({
			output: 'report',
			groupBy: ['workflow', 'node'],
		})) as unknown as [{ text: string; table: { markdown: string; html: string } }];

		const rows = table.markdown.split('\n');
		expect(rows).toHaveLength(2 + hostile.length + 1);
		for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(2 + 2 + 6);
		expect(table.markdown).not.toMatch(/[<>]|(?<!\\)[`*_~[\]#]|!\[|@(?!\u200b)/);
		expect(table.markdown).toContain("| '=HYPERLINK");
		expect(table.markdown).toContain("| '-1+1");

		expect(table.html.match(/<(?!\/?(table|tr|td|th)[ >])/g)).toBeNull();
		expect(table.html.match(/<tr>/g)).toHaveLength(hostile.length + 2);
		expect(table.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
		expect(table.html).toContain('>&#39;=HYPERLINK(&quot;http://x&quot;,&quot;y&quot;)<');
		expect(table.html).toContain('o&#39;neil &amp; sons');

		expect(text).not.toMatch(/[<>]|@(?!\u200b)/);
		for (const shown of [text, table.markdown, table.html]) {
			for (const unseen of ['\u0000', '\r', '\u2028', '\u202E'])
				expect(shown).not.toContain(unseen);
			expect(shown).toContain('line break and nul');
			expect(shown).not.toContain('x'.repeat(81));
		}
	});
});

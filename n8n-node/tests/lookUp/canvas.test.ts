import type { IDataObject, INode } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { Downstream } from '../../nodes/PromptCache/downstream';
import { Wiring } from '../../nodes/PromptCache/wiring';
import { fingerprintOfAiNodes } from '../../nodes/PromptCache/fingerprint';
import { namesIn, renamed } from '../../nodes/PromptCache/references';
import { CACHE_TYPE, Execution } from '../fakes/execution';
import { sidecar } from '../fakes/freshSidecar';
import { fromQuestion, LOOK_UP, questions } from '../fakes/lookUp';

type Nodes = ConstructorParameters<typeof Execution>[0];
type Wires = ConstructorParameters<typeof Execution>[1];

const STORE = { type: CACHE_TYPE, parameters: { resource: 'answer', operation: 'store' } };
const model = (from: string, to: string) => ({ from, to, kind: 'ai_languageModel' });

/** Look Up, what is given, and Store. */
function canvas(nodes: Nodes, wires: Wires): Execution {
	sidecar.knows({});
	const lookUp = { type: CACHE_TYPE, parameters: LOOK_UP };
	const made = new Execution({ Question: {}, 'Look Up': lookUp, ...nodes, Store: STORE }, [
		{ from: 'Question', to: 'Look Up' },
		...wires,
	]);
	made.credentials.baseUrl = sidecar.url;
	return made.put('Question', [questions('q', 'r')]);
}

const line: Wires = [
	{ from: 'Look Up', to: 'AI' },
	{ from: 'AI', to: 'Store' },
];

function downstreamIn(made: Execution): Downstream {
	const context = made.contextOf('Look Up', fromQuestion);
	return new Downstream(context, new Wiring(context));
}

const names = (nodes: Array<{ name: string }>) => nodes.map(({ name }) => name).sort();

describe('what follows a Look Up', () => {
	it('is told apart into what misses pass and what everything passes, in a loop too', () => {
		const made = canvas({ AI: {}, Fix: {}, Side: {}, Loop: {}, Known: {}, Done: {} }, [
			{ from: 'Look Up', to: 'AI' },
			{ from: 'AI', to: 'Fix' },
			{ from: 'AI', to: 'Side' },
			{ from: 'Fix', to: 'Store' },
			{ from: 'Look Up', to: 'Known', output: 1 },
			{ from: 'Known', to: 'Loop' },
			{ from: 'Store', to: 'Loop' },
			{ from: 'Loop', to: 'Done' },
			{ from: 'Loop', to: 'Look Up', output: 1 },
		]);
		const { between, after } = downstreamIn(made);
		expect(names(between)).toEqual(['AI', 'Fix']);
		expect(names(after)).toEqual(['Done', 'Known', 'Loop']);
	});

	it('ends at the next Look Up', () => {
		const second = { type: CACHE_TYPE, parameters: LOOK_UP };
		const made = canvas({ AI: {}, 'Look Up 2': second, 'AI 2': {}, 'Store 2': STORE }, [
			...line,
			{ from: 'Store', to: 'Look Up 2' },
			{ from: 'Look Up 2', to: 'AI 2' },
			{ from: 'AI 2', to: 'Store 2' },
		]);
		expect(names(downstreamIn(made).between)).toEqual(['AI']);
	});
});

describe('a node that chooses the way of an item', () => {
	const branches: Wires = [...line, { from: 'AI', to: 'Other', output: 1 }];
	const nodes = { AI: {}, Other: {}, GPT: {} };

	it('is refused when a model chooses, before anything is asked', async () => {
		const made = canvas(nodes, [...branches, model('GPT', 'AI')]);
		await expect(made.run('Look Up', fromQuestion)).rejects.toMatchObject({
			message: expect.stringContaining('"AI" decides which way an item goes'),
			description: expect.stringContaining('"Prompt Cache Model"'),
		});
		expect(sidecar.received).toEqual([]);
	});

	it('is no matter when no model chooses', async () => {
		await expect(canvas(nodes, branches).run('Look Up', fromQuestion)).resolves.toBeDefined();
	});

	it('is no matter behind Store', async () => {
		const made = canvas(nodes, [
			{ from: 'Look Up', to: 'Store' },
			{ from: 'Store', to: 'AI' },
			{ from: 'AI', to: 'Other', output: 1 },
			model('GPT', 'AI'),
		]);
		await expect(made.run('Look Up', fromQuestion)).resolves.toBeDefined();
	});
});

describe('names in expressions and scripts', () => {
	it.each([
		["={{ $('AI').item.json.text }}", ['AI']],
		['={{ $( "AI" ).first() + $node["B"].json.x + $node.C.json.y }}', ['AI', 'B', 'C']],
		['return $items(`AI`, 0)', ['AI']],
		["={{ $('it\\'s \"ok\" \\\\ 🦊').all() }}", ['it\'s "ok" \\ 🦊']],
		["={{ $json.text + $('') + jQuery('AI') }}", ['']],
		['costs $(5) or $5', []],
	])('are found in %s', (text, found) => {
		expect(namesIn(text)).toEqual(found);
	});

	it('are replaced alone', () => {
		const text = '={{ $("A").item.json.A + $node.A.json["A"] }} A';
		expect(renamed(text, (name) => `${name}!`)).toBe(
			'={{ $("A!").item.json.A + $node.A!.json["A"] }} A',
		);
	});
});

describe('the fingerprint of the AI nodes', () => {
	function fingerprint(nodes: Nodes, wires: Wires): string | undefined {
		const context = canvas(nodes, wires).contextOf('Look Up', fromQuestion);
		return fingerprintOfAiNodes(context, new Downstream(context, new Wiring(context)));
	}

	const chain = (parameters: IDataObject = {}) => ({ type: 'chain', parameters });
	const attached: Wires = [...line, model('GPT', 'AI')];

	it('counts what a sub-node of a sub-node says', () => {
		const of = (prompt: string) =>
			fingerprint({ AI: chain(), Expert: {}, GPT: chain({ prompt }) }, [
				...line,
				{ from: 'Expert', to: 'AI', kind: 'ai_tool' },
				model('GPT', 'Expert'),
			]);
		expect(of('a')).toBe(of('a'));
		expect(of('a')).not.toBe(of('b'));
	});

	it('counts the model behind a cached one, and not the cache', () => {
		const through = (namespace: string, temperature: number) =>
			fingerprint(
				{
					AI: chain(),
					Cached: { type: `${CACHE_TYPE}Model`, parameters: { namespace } },
					GPT: chain({ temperature }),
				},
				[...line, model('GPT', 'Cached'), model('Cached', 'AI')],
			);
		expect(through('a', 1)).toBe(through('b', 1));
		expect(through('a', 1)).not.toBe(through('a', 2));
		expect(through('a', 1)).toBe(
			fingerprint({ AI: chain(), GPT: chain({ temperature: 1 }) }, attached),
		);
	});

	it('tells which node a model belongs to', () => {
		const of = (first: string, second: string) =>
			fingerprint({ AI: chain({ n: 1 }), B: chain({ n: 2 }), X: chain({ x: 1 }), Y: chain() }, [
				{ from: 'Look Up', to: 'AI' },
				{ from: 'AI', to: 'B' },
				{ from: 'B', to: 'Store' },
				model(first, 'AI'),
				model(second, 'B'),
			]);
		expect(of('X', 'Y')).not.toBe(of('Y', 'X'));
	});

	it('counts neither the order of fields nor what the editor shows', () => {
		const of = (parameters: IDataObject) => fingerprint({ AI: chain(parameters) }, line);
		expect(of({ a: 1, b: { value: 'x', cachedResultName: 'X' } })).toBe(
			of({ b: { value: 'x', cachedResultUrl: 'http://x' }, a: 1 }),
		);
	});

	it('is none where no node is on the way', () => {
		expect(fingerprint({}, [{ from: 'Look Up', to: 'Store' }])).toBeUndefined();
	});
});

it('looks at a large workflow a few times for all items, and quickly', async () => {
	const many = Array.from({ length: 200 }, (_, at) => `Node ${at}`);
	const text = `={{ $('AI').item.json.text }} ${'x'.repeat(5_000)}`;
	const nodes = Object.fromEntries(many.map((name) => [name, { parameters: { text } }]));
	const made = canvas({ AI: {}, ...nodes }, [
		...line,
		{ from: 'Store', to: many[0]! },
		...many.slice(1).map((to, at) => ({ from: many[at]!, to })),
	]);
	made.put('Question', [questions(...Array.from({ length: 300 }, (_, at) => `q${at}`))]);
	const context = made.contextOf('Look Up', { ...fromQuestion, previousNodeRun: 1 });
	let looked = 0;
	const { getChildNodes } = context;
	context.getChildNodes = (...given) => {
		looked += 1;
		return getChildNodes(...given);
	};
	const { PromptCache } = await import('../../nodes/PromptCache/PromptCache.node');

	const started = performance.now();
	await new PromptCache().execute.call(context);

	expect(looked).toBeLessThan(10); // and not once for each item
	expect(performance.now() - started).toBeLessThan(3_000);
	const [warning, ...others] = made.hints.filter(({ type }) => type === 'warning');
	expect(others).toEqual([]);
	expect(warning!.message).toContain('"Node 0" names "AI"');
	expect(warning!.message).toContain('(and 197 more)');
});

it('treats the first item alone where the AI node does', async () => {
	const made = canvas({ AI: {}, After: { parameters: { text: 'plain' } } }, [
		...line,
		{ from: 'Store', to: 'After' },
	]);
	const context = made.contextOf('Look Up', fromQuestion) as unknown as {
		workflow: { nodes: Record<string, INode> };
	};
	context.workflow.nodes.AI!.executeOnce = true;
	const [misses] = await made.run('Look Up', fromQuestion);
	expect(misses).toHaveLength(1);
	expect(made.hints[0]!.message).toContain('Execute Once');
});

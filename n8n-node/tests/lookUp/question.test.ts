import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { CACHE_TYPE, Execution } from '../fakes/execution';
import { sidecar } from '../fakes/freshSidecar';
import { fromQuestion, LOOK_UP, lookUpOf, questions } from '../fakes/lookUp';

function asked(): IDataObject[] {
	return sidecar.received.at(-1)!.body.items as IDataObject[];
}

describe('an empty prompt', () => {
	it('is what a chat, a webhook or a form brings', async () => {
		sidecar.knows({});
		const items = [
			{ json: { text: 'wrong', chatInput: 'from a chat' } },
			{ json: { headers: {}, query: {}, body: { question: 'from a webhook' } } },
			{ json: { message: 'from a form', submittedAt: 'now' } },
			{ json: { prompt: ' ', input: 'the first that holds something' } },
		];
		await lookUpOf(items, { prompt: '' }).run('Look Up', fromQuestion);
		expect(asked().map(({ prompt }) => prompt)).toEqual([
			'from a chat',
			'from a webhook',
			'from a form',
			'the first that holds something',
		]);
	});

	it('names the fields and the remedy where none of them is there', async () => {
		const made = lookUpOf([{ json: { subject: 'Hi' } }], { prompt: '' });
		await expect(made.run('Look Up', fromQuestion)).rejects.toMatchObject({
			message: 'The prompt is empty',
			description:
				'Drag the field that holds the question into "Prompt". Left empty, one of the fields chatInput, prompt, question, query, message, text, input has to hold a text.',
		});
	});

	it('is refused where an expression gave it, whatever else the item holds', async () => {
		const items = [{ json: { text: 'another field' } }];
		const made = lookUpOf(items, { prompt: (item: INodeExecutionData) => item.json.none } as never);
		await expect(made.run('Look Up', fromQuestion)).rejects.toThrow('The prompt is empty');
	});
});

describe('the model', () => {
	/** What is looked up in front of an AI node with these models. */
	async function modelFor(models: IDataObject[], given: IDataObject = {}): Promise<unknown> {
		sidecar.knows({});
		const nodes = Object.fromEntries(
			models.map((parameters, at) => [`Model ${at}`, { type: 'model', parameters }]),
		);
		const made = new Execution(
			{
				Question: {},
				'Look Up': { type: CACHE_TYPE, parameters: { ...LOOK_UP, ...given } },
				AI: { type: 'chain' },
				Store: { type: CACHE_TYPE, parameters: { operation: 'store' } },
				...nodes,
			},
			[
				{ from: 'Question', to: 'Look Up' },
				{ from: 'Look Up', to: 'AI' },
				{ from: 'AI', to: 'Store' },
				...Object.keys(nodes).map((from) => ({ from, to: 'AI', kind: 'ai_languageModel' })),
			],
		);
		made.credentials.baseUrl = sidecar.url;
		await made.put('Question', [questions('q')]).run('Look Up', fromQuestion);
		return asked()[0]!.model;
	}

	const located = (value: string) => ({ __rl: true, mode: 'list', value });

	it.each<[string, IDataObject, string | undefined]>([
		['a list', { model: located('gpt-5-mini') }, 'gpt-5-mini'],
		['a text', { model: 'claude' }, 'claude'],
		['another name', { modelName: 'models/gemini' }, 'models/gemini'],
		['an expression', { model: '={{ $json.model }}' }, undefined],
		['an expression in a list', { model: located('={{ $json.model }}') }, undefined],
		['nothing', { options: {} }, undefined],
	])('is read from the one attached to the AI node: %s', async (_, parameters, model) => {
		expect(await modelFor([parameters])).toBe(model);
	});

	it('is left out where two are attached', async () => {
		expect(await modelFor([{ model: 'a' }, { model: 'b' }])).toBeUndefined();
		expect(await modelFor([{ model: 'a' }, { model: 'a' }])).toBe('a');
	});

	it('is the chosen one where one was chosen', async () => {
		expect(await modelFor([{ model: 'a' }], { model: located('chosen') })).toBe('chosen');
		expect(await modelFor([{ model: 'a' }], { model: located('') })).toBe('a');
	});
});

describe('a clock in the question', () => {
	const near = { differs_by: 'date_or_time', mask: 'clock' };

	async function told(parameters: IDataObject): Promise<string[]> {
		const made = lookUpOf(questions('a', 'b', 'c'), parameters);
		await made.run('Look Up', fromQuestion);
		return made.hints.map(({ message }) => message);
	}

	it('is told where it alone makes a question new', async () => {
		sidecar.on('POST /v1/lookup/batch', ({ body }) => ({
			body: {
				items: (body.items as IDataObject[]).map(({ prompt }) => {
					const miss = { status: 'miss', key: prompt, reason: 'not_found' };
					return prompt === 'c' ? miss : { ...miss, near };
				}),
			},
		}));
		expect(await told({})).toContain(
			'2 of 3 questions differ from an earlier one only by a date or time: choose Matching > Treat as the Same > Dates and Times Apart, or take the clock out of it.',
		);
	});

	it.each(['={{ $now }}: {{ $json.question }}', '=Today is {{ new Date().toDateString() }}'])(
		'is told where it is written: %s',
		async (system) => {
			sidecar.knows({});
			expect(await told({ system })).toContainEqual(
				expect.stringMatching(/^"System Message" holds the clock/),
			);
		},
	);

	it('is not seen where there is none', async () => {
		sidecar.knows({});
		const hints = await told({ system: '=You know {{ $json.question }}' });
		expect(hints.filter((hint) => hint.includes('clock'))).toEqual([]);
	});

	it('does not count where that was chosen', async () => {
		sidecar.knows({});
		const system = '={{ $today }}';
		const hints = await told({ system, matching: { normalize: 'clock' } });
		expect(hints.filter((hint) => hint.includes('clock'))).toEqual([]);
		expect(asked()[0]!.normalize).toContain('mask:clock');
	});
});

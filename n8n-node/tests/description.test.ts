import { describe, expect, it } from 'vitest';

import { PromptCache } from '../nodes/PromptCache/PromptCache.node';
import { resources } from '../nodes/PromptCache/resources';
import { operationsOf, subtitleFor } from './fakes/description';

const { description } = new PromptCache();

const operations = resources.flatMap(({ value }) =>
	operationsOf(description, value).map((option) => ({ resource: value, option })),
);

describe('the operations', () => {
	it('all stand in the list of their resource, those first that people need first', () => {
		expect(operations.map(({ resource, option }) => `${resource}: ${option.name}`)).toEqual([
			'answer: Look Up',
			'answer: Store',
			'answer: Invalidate',
			'answer: Accept',
			'answer: Delete',
			'answer: Get Many',
			'answer: Reject',
			'namespace: Mark as Changed',
			'namespace: Flush',
			'statistics: Get',
		]);
	});

	// n8n's lint reads these of literal lists only.
	it.each(operations)('are described as n8n wants it: $option.name', ({ option }) => {
		expect(option.action).toMatch(/^[A-Z][^A-Z.]+$/);
		expect(option.description).toMatch(/^[A-Z].*[^.]$/);
	});

	it.each([
		['answer', 'accept', 'Accept'],
		['answer', 'delete', 'Delete Answer'],
		['answer', 'getAll', 'Get Answers'],
		['answer', 'invalidate', 'Invalidate'],
		['answer', 'lookUp', 'Look Up'],
		['answer', 'reject', 'Reject'],
		['answer', 'store', 'Store'],
		['namespace', 'markAsChanged', 'Mark as Changed'],
		['namespace', 'flush', 'Flush'],
		['statistics', 'get', 'Statistics'],
	])('have a subtitle: %s, %s', (resource, operation, text) => {
		expect(subtitleFor(description, resource, operation)).toBe(text);
	});

	it('have values that tell them apart, each in its resource', () => {
		const values = operations.map(
			({ resource, option }) => `${resource}.${option.value as string}`,
		);
		expect(new Set(values).size).toBe(values.length);
	});
});

import { Workflow, type INode, type INodePropertyOptions, type INodeTypes } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { PromptCache } from '../nodes/PromptCache/PromptCache.node';
import { resources } from '../nodes/PromptCache/resources';

const { description } = new PromptCache();

/** What n8n shows below the node's name. */
function subtitle(resource: string, operation: string): unknown {
	const node: INode = {
		id: '1',
		name: 'Prompt Cache',
		type: 'any',
		typeVersion: 1,
		position: [0, 0],
		parameters: { resource, operation },
	};
	const nodeTypes = { getByNameAndVersion: () => ({ description }) } as unknown as INodeTypes;
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	return workflow.expression.getSimpleParameterValue(node, description.subtitle, 'internal', {});
}

/** The options of a parameter, where it is shown for this resource. */
function optionsOf(name: string, resource?: string): INodePropertyOptions[] {
	const found = description.properties.find(
		({ name: its, displayOptions }) =>
			its === name && (!resource || displayOptions?.show?.resource?.includes(resource)),
	);
	return found!.options as INodePropertyOptions[];
}

const operations = resources.flatMap(({ value }) =>
	optionsOf('operation', value).map((option) => ({ resource: value, option })),
);

describe('the operations', () => {
	it('all stand in the list of their resource, in the order of their names', () => {
		expect(operations.map(({ resource, option }) => `${resource}: ${option.name}`)).toEqual([
			'answer: Delete',
			'answer: Get Many',
			'answer: Invalidate',
			'answer: Look Up',
			'answer: Store',
			'namespace: Bump Version',
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
		['answer', 'delete', 'Delete Answer'],
		['answer', 'getAll', 'Get Answers'],
		['answer', 'invalidate', 'Invalidate'],
		['answer', 'lookUp', 'Look Up'],
		['answer', 'store', 'Store'],
		['namespace', 'bumpVersion', 'Bump Version'],
		['namespace', 'flush', 'Flush'],
		['statistics', 'get', 'Statistics'],
	])('have a subtitle: %s, %s', (resource, operation, text) => {
		expect(subtitle(resource, operation)).toBe(text);
	});

	it('have values that tell them apart, each in its resource', () => {
		const values = operations.map(
			({ resource, option }) => `${resource}.${option.value as string}`,
		);
		expect(new Set(values).size).toBe(values.length);
	});
});

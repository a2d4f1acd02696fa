import type { INodeProperties } from 'n8n-workflow';

import type { Operation } from './operation';

/** A kind of thing in the cache, and what can be done with it. */
export interface Resource {
	name: string;
	value: string;
	operations: Operation[];
	/** Those that people need first, in that order; the very first is chosen where the user has not chosen yet. */
	first: [Operation, ...Operation[]];
}

/** The node's parameters: the resource, its operation, and what each operation asks for. */
export function propertiesOf(resources: Resource[]): INodeProperties[] {
	// A name of its own, since n8n's lint does not read a default that is a path.
	const preset = resources[0]!.value;
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: resources.map(({ name, value }) => ({ name, value })),
			default: preset,
		},
		...resources.flatMap((resource) => [
			operationProperty(resource),
			...listed(resource).flatMap(({ option, description }) =>
				shownFor(resource.value, option.value, description),
			),
		]),
	];
}

/** An expression for what stands below the node's name on the canvas. */
export function subtitleOf(resources: Resource[]): string {
	const subtitles = resources.flatMap(({ value, operations }) =>
		operations.map(({ option, subtitle = option.name }) => [`${value}.${option.value}`, subtitle]),
	);
	const chosen = '$parameter["resource"] + "." + $parameter["operation"]';
	return `={{ (${JSON.stringify(Object.fromEntries(subtitles))})[${chosen}] }}`;
}

function operationProperty(resource: Resource): INodeProperties {
	const preset = resource.first[0].option.value;
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource.value] } },
		options: listed(resource).map(({ option }) => option),
		default: preset,
	};
}

/** The first ones, then the others by name. n8n offers the actions of a node in the same order. */
function listed({ operations, first }: Resource): Operation[] {
	const others = operations.filter((operation) => !first.includes(operation));
	return [...first, ...others.sort((a, b) => (a.option.name < b.option.name ? -1 : 1))];
}

/** Show the parameters only for one operation of one resource. */
function shownFor(
	resource: string,
	operation: string,
	properties: INodeProperties[],
): INodeProperties[] {
	return properties.map((property) => ({
		...property,
		displayOptions: {
			...property.displayOptions,
			show: { ...property.displayOptions?.show, resource: [resource], operation: [operation] },
		},
	}));
}

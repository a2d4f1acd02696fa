import {
	NodeOperationError,
	type INodeProperties,
	type INodePropertyCollection,
	type INodePropertyOptions,
	type ISupplyDataFunctions,
} from 'n8n-workflow';

import { canonical } from '../../shared/canonical';
import { properties } from './parameters';

interface Field {
	/** As `getNodeParameter` takes it. */
	path: string;
	displayName: string;
}

/**
 * Throws where an expression comes out differently for the items of this run: n8n's AI nodes take their model once, as
 * it is for the first item, and the answers of one customer must not stand among those of another.
 */
export function requireOneForAll(context: ISupplyDataFunctions): void {
	const fields = fieldsWithExpressions(context.getNode().parameters);
	if (fields.length === 0) return;
	const items = countItems(context);
	for (const { path, displayName } of fields) {
		const value = (at: number) => canonical(context.getNodeParameter(path, at, null));
		const first = value(0);
		for (let at = 1; at < items; at++) {
			if (value(at) === first) continue;
			throw new NodeOperationError(
				context.getNode(),
				`"${displayName}" differs between the items of this run`,
				{
					itemIndex: at,
					// Otherwise n8n leaves the description out.
					functionality: 'configuration-node',
					description:
						'An AI node takes its model once for all of its items, as it is for the first. Put the AI node into a Loop Over Items with Batch Size 1, or use Prompt Cache Chain, or Look Up and Store: they take the value of each item.',
				},
			);
		}
	}
}

function fieldsWithExpressions(parameters: Record<string, unknown>): Field[] {
	const options = (parameters.options ?? {}) as Record<string, unknown>;
	const topLevel = properties.filter(({ name }) => name !== 'options');
	return [
		...topLevel.filter(({ name }) => hasExpression(parameters[name])).map(fieldOf('')),
		...optionsOf(properties)
			.filter(({ name }) => hasExpression(options[name]))
			.map(fieldOf('options.')),
	];
}

function optionsOf(all: INodeProperties[]): INodeProperties[] {
	const collection = all.find(({ name }) => name === 'options');
	const options: Array<INodePropertyOptions | INodeProperties | INodePropertyCollection> =
		collection?.options ?? [];
	return options.filter((option): option is INodeProperties => 'type' in option);
}

function fieldOf(prefix: string) {
	return ({ name, displayName }: INodeProperties): Field => ({ path: prefix + name, displayName });
}

function hasExpression(value: unknown): boolean {
	if (typeof value === 'string') return value.startsWith('=');
	return typeof value === 'object' && value !== null && Object.values(value).some(hasExpression);
}

function countItems(context: ISupplyDataFunctions): number {
	// With *Execute Once* the node has but one item, whatever expressions can see. A tool has none of its own.
	const own = context.getInputData(0, 'main').length;
	return own || (context.getWorkflowDataProxy(0).$input.all() as unknown[]).length;
}

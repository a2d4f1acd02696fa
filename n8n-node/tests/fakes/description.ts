import {
	Workflow,
	type INode,
	type INodePropertyOptions,
	type INodeTypeDescription,
	type INodeTypes,
} from 'n8n-workflow';

/** The operations that n8n lists for a resource. */
export function operationsOf(
	{ properties }: INodeTypeDescription,
	resource: string,
): INodePropertyOptions[] {
	const found = properties.find(
		({ name, displayOptions }) =>
			name === 'operation' && displayOptions?.show?.resource?.includes(resource),
	);
	return found!.options as INodePropertyOptions[];
}

/** What n8n shows below the node's name. */
export function subtitleFor(
	description: INodeTypeDescription,
	resource: string,
	operation: string,
): unknown {
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

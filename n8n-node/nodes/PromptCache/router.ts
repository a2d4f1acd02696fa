import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { resources } from './resources';

/** Do with all items what the node's resource and operation say. */
export async function router(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const resource = context.getNodeParameter('resource', 0) as string;
	const operation = context.getNodeParameter('operation', 0) as string;
	const { operations } = resources.find(({ value }) => value === resource)!;
	return await operations.find(({ option }) => option.value === operation)!.execute(context);
}

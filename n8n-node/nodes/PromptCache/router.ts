import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Operation } from './operation';
import { operations as answer } from './resources/answer';
import { operations as namespace } from './resources/namespace';
import { operations as statistics } from './resources/statistics';

const resources: Record<string, Record<string, Operation>> = { answer, namespace, statistics };

/** Do with all items what the node's resource and operation say. */
export async function router(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const resource = context.getNodeParameter('resource', 0) as string;
	const operation = context.getNodeParameter('operation', 0) as string;
	return await resources[resource]![operation]!.execute(context);
}

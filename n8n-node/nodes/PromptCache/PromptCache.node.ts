import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { CREDENTIAL } from '../../shared/transport';
import { description as answer } from './resources/answer';
import { description as namespace } from './resources/namespace';
import { description as statistics } from './resources/statistics';
import { router } from './router';

export class PromptCache implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Prompt Cache',
		name: 'promptCache',
		icon: {
			light: 'file:../../icons/promptCache.svg',
			dark: 'file:../../icons/promptCache.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ ({ delete: "Delete Answer", getAll: "Get Answers", invalidate: "Invalidate", lookUp: "Look Up", store: "Store", bumpVersion: "Bump Version", flush: "Flush", get: "Statistics" })[$parameter["operation"]] }}',
		description: 'Give repeated AI prompts their earlier answer: instantly and for free',
		defaults: { name: 'Prompt Cache' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: `={{ $parameter["resource"] === "answer" && $parameter["operation"] === "lookUp" ? [{ type: "${NodeConnectionTypes.Main}", displayName: "Miss" }, { type: "${NodeConnectionTypes.Main}", displayName: "Hit" }] : [{ type: "${NodeConnectionTypes.Main}" }] }}`,
		outputNames: ['', '', 'Repeat'],
		credentials: [{ name: CREDENTIAL, required: true }],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Answer', value: 'answer' },
					{ name: 'Namespace', value: 'namespace' },
					{ name: 'Statistic', value: 'statistics' },
				],
				default: 'answer',
			},
			...answer,
			...namespace,
			...statistics,
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await router(this);
	}
}

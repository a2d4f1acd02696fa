import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { testCacheServer } from '../../shared/credentialTest';
import { getMatchKinds } from '../../shared/matching';
import { searchNamespaces } from '../../shared/namespace';
import { searchModels } from './model';
import { propertiesOf, subtitleOf } from './resource';
import { resources } from './resources';
import { router } from './router';
import { seenLists } from './seen';

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
		subtitle: subtitleOf(resources),
		description: 'Give repeated AI prompts their earlier answer: instantly and for free',
		defaults: { name: 'Prompt Cache' },
		usableAsTool: true,
		inputs: `={{ $parameter["resource"] === "answer" && $parameter["operation"] === "store" ? [{ type: "${NodeConnectionTypes.Main}", displayName: "Answer" }, { type: "${NodeConnectionTypes.Main}", displayName: "Hit" }] : [{ type: "${NodeConnectionTypes.Main}" }] }}`,
		// Store waits for what both its inputs will get, and runs when one of them has something.
		requiredInputs: 1,
		outputs: `={{ $parameter["resource"] === "answer" && $parameter["operation"] === "lookUp" ? [{ type: "${NodeConnectionTypes.Main}", displayName: "Miss" }, { type: "${NodeConnectionTypes.Main}", displayName: "Hit" }] : [{ type: "${NodeConnectionTypes.Main}" }] }}`,
		outputNames: ['', '', 'Repeat'],
		hints: [
			{
				// n8n does not run a node with two inputs by itself, while the node before one of them has nothing to do.
				message:
					'Nothing came out of <b>Execute step</b>? When all answers were known, the AI node has nothing to do, and in a single step n8n waits for it. <b>Execute workflow</b> instead.',
				displayCondition:
					'={{ $parameter["resource"] === "answer" && $parameter["operation"] === "store" }}',
				whenToDisplay: 'beforeExecution',
				location: 'outputPane',
			},
		],
		credentials: [{ name: 'promptCacheApi', required: true, testedBy: 'testCacheServer' }],
		properties: propertiesOf(resources),
	};

	methods = {
		credentialTest: { testCacheServer },
		listSearch: { searchModels, searchNamespaces, ...seenLists },
		loadOptions: { getMatchKinds },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await router(this);
	}
}

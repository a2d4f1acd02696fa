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
import { ChainRun } from './chainRun';
import { inputs, properties } from './parameters';

export class LangchainPromptCache implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Prompt Cache Chain',
		// n8n's editor takes a node for an AI node by this word alone: without it, connecting the first model on a canvas
		// would also add a chat trigger and a chain of n8n's own.
		name: 'langchainPromptCache',
		icon: {
			light: 'file:../../icons/promptCache.svg',
			dark: 'file:../../icons/promptCache.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["refresh"] ? "asking again" : "" }}',
		description:
			'Ask a model only what it was not asked before: a Basic LLM Chain with a cache in it',
		defaults: { name: 'Prompt Cache Chain' },
		// A tool has no inputs, so that no model could be connected to it.
		usableAsTool: undefined,
		inputs,
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'promptCacheApi', required: true, testedBy: 'testCacheServer' }],
		properties,
	};

	methods = {
		credentialTest: { testCacheServer },
		listSearch: { searchNamespaces },
		loadOptions: { getMatchKinds },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await new ChainRun(this).execute();
	}
}

import {
	NodeConnectionTypes,
	NodeOperationError,
	type INodeType,
	type INodeTypeDescription,
	type ISupplyDataFunctions,
	type SupplyData,
} from 'n8n-workflow';

import { testCacheServer } from '../../shared/credentialTest';
import { getMatchKinds } from '../../shared/matching';
import { searchNamespaces } from '../../shared/namespace';
import { cacheCalls, isCached } from './cachedModel';
import { isChatModel } from '../../shared/langchain/chatModel';
import { traceWhenAsked } from '../../shared/langchain/tracing';
import { executionOf } from './cache/execution';
import { forget } from './cache/forget';
import { Tries } from './cache/tries';
import { requireOneForAll } from './oneForAll';
import { properties, settingsOf } from './parameters';

export class PromptCacheModel implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Prompt Cache Model',
		name: 'promptCacheModel',
		icon: {
			light: 'file:../../icons/promptCache.svg',
			dark: 'file:../../icons/promptCache.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ ($parameter["namespace"].value ?? $parameter["namespace"]) + ($parameter["keep"] === "limited" ? ", " + $parameter["ttlAmount"] + $parameter["ttlUnit"] : "") + ({ bypass: ", bypassed", refresh: ", refreshing" }[$parameter["options"]["mode"]] ?? "") }}',
		description:
			'Put between a chat model and an agent or chain: repeated calls get their earlier answer',
		defaults: { name: 'Prompt Cache Model' },
		// A model for agents and chains, of no use as a tool.
		usableAsTool: undefined,
		inputs: [
			{
				type: NodeConnectionTypes.AiLanguageModel,
				displayName: 'Model',
				required: true,
				maxConnections: 1,
			},
		],
		outputs: [NodeConnectionTypes.AiLanguageModel],
		outputNames: ['Model'],
		credentials: [{ name: 'promptCacheApi', required: true, testedBy: 'testCacheServer' }],
		properties,
	};

	methods = {
		credentialTest: { testCacheServer },
		listSearch: { searchNamespaces },
		loadOptions: { getMatchKinds },
	};

	async supplyData(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
		const connected: unknown = await this.getInputConnectionData(
			NodeConnectionTypes.AiLanguageModel,
			itemIndex,
		);
		const model = Array.isArray(connected) ? (connected[0] as unknown) : connected;
		if (!isChatModel(model)) {
			throw new NodeOperationError(this.getNode(), 'The connected model is no chat model', {
				itemIndex,
				description: 'Connect a node whose name ends in "Chat Model" to the input of this one.',
			});
		}
		if (isCached(model)) {
			throw new NodeOperationError(this.getNode(), 'The connected model is cached already', {
				itemIndex,
				description: 'Take one of the Prompt Cache Model nodes out: one in the row is enough.',
			});
		}
		const { tries, isNew } = Tries.of(this.getNode().name, executionOf(this));
		if (!tries.underWay) requireOneForAll(this);
		const settings = settingsOf(this, itemIndex);
		const attempt = tries.begin();
		if (isNew) {
			this.onExecutionFinish?.(async () => await forget(this, settings, tries.suspects()));
		}
		return {
			response: cacheCalls(model, {
				context: this,
				settings,
				attempt,
				asked: traceWhenAsked(model),
			}),
			closeFunction: async () => await forget(this, settings, attempt.end()),
		};
	}
}

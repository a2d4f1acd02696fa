import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeProperties,
} from 'n8n-workflow';

import type { AnswerRecord } from '../../shared/answerRecord';
import type { CacheRequest } from '../../shared/api';
import { asNodeError } from '../../shared/failure';
import { callCache, CacheProblem } from '../../shared/transport';
import { answerBehind } from './answerBehind';
import { PATIENT_TIMEOUT } from './operation';

/** Which answer is meant, read with `ratedAnswer`; `ofRequest` says what the request is there for. */
export function ratedAnswerProperties(ofRequest: string): INodeProperties[] {
	return [
		{
			displayName: 'Which Answer',
			name: 'which',
			type: 'options',
			noDataExpression: true,
			options: [
				{
					name: 'The One This Item Got',
					value: 'item',
					description: 'From Look Up, Store or Prompt Cache Chain, in this execution',
				},
				{
					name: 'By Key',
					value: 'key',
					description: 'One of another execution, such as an answer that is judged a day later',
				},
			],
			default: 'item',
		},
		{
			displayName: 'Key',
			name: 'key',
			type: 'string',
			required: true,
			default: '={{ $json._cache.matched?.key ?? $json._cache.key }}',
			description: 'The key of the answer that was given, as it stands in its receipt',
			displayOptions: { show: { which: ['key'] } },
		},
		{
			displayName: 'Request',
			name: 'request',
			type: 'json',
			default: '',
			placeholder: 'e.g. {"prompt": "...", "model": "...", "namespace": "..."}',
			description: ofRequest,
			displayOptions: { show: { which: ['key'] } },
		},
	];
}

/** The answer that is meant; nothing where it was not kept. */
export function ratedAnswer(
	context: IExecuteFunctions,
	itemIndex: number,
): AnswerRecord | undefined {
	if (context.getNodeParameter('which', itemIndex, 'item') === 'item') {
		return answerBehind(context, itemIndex);
	}
	const entry = String(context.getNodeParameter('key', itemIndex, '') ?? '').trim();
	if (!entry) {
		throw new NodeOperationError(context.getNode(), 'The key is empty', {
			itemIndex,
			description: 'It stands in the receipt of the answer: the field "_cache".',
		});
	}
	const request = requestFrom(context, itemIndex);
	return request ? { entry, request } : { entry };
}

/** Tell the cache what somebody thinks of an answer; false where it has none under that key any more. */
export async function rate(
	context: IExecuteFunctions,
	itemIndex: number,
	verdict: 'accept' | 'reject',
	{ entry, request }: AnswerRecord,
): Promise<boolean> {
	// n8n sends no body where it is an empty object.
	const body: IDataObject = { request: request ?? null };
	const path = `/v1/entries/${encodeURIComponent(entry)}/${verdict}`;
	try {
		await callCache(context, { method: 'POST', path, body, timeout: PATIENT_TIMEOUT });
		return true;
	} catch (cause) {
		if (cause instanceof CacheProblem && cause.isUnknownKey) return false;
		throw asNodeError(context, cause, itemIndex);
	}
}

function requestFrom(context: IExecuteFunctions, itemIndex: number): CacheRequest | undefined {
	let value = context.getNodeParameter('request', itemIndex, '') as unknown;
	if (typeof value === 'string') {
		if (!value.trim()) return undefined;
		try {
			value = JSON.parse(value);
		} catch {
			value = undefined;
		}
	}
	if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
		return value as CacheRequest;
	}
	throw new NodeOperationError(context.getNode(), 'The request is no JSON object', {
		itemIndex,
		description:
			'Give what was looked up, such as {"prompt": "...", "namespace": "support"}, as JSON or as an expression.',
	});
}

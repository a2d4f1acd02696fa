import {
	NodeApiError,
	type IDataObject,
	type IExecuteFunctions,
	type IHttpRequestMethods,
	type IHttpRequestOptions,
	type ILoadOptionsFunctions,
	type IN8nHttpFullResponse,
	type ISupplyDataFunctions,
	type JsonObject,
} from 'n8n-workflow';

import { BATCH_SIZE } from './api';
import {
	explainMatching,
	explainNotRecorded,
	explainProblem,
	explainSilence,
	NOT_RECORDED,
	plain,
	UNKNOWN_KEY,
	type FieldProblem,
	type ProblemDetails,
} from './explain';

export const CREDENTIAL = 'promptCacheApi';

/** Half of what the cache server takes by default, so that a whole batch is never too large. */
const BATCH_CHARACTERS = 4_000_000;

/** What a node has at hand where it works. */
export type CacheContext = IExecuteFunctions | ISupplyDataFunctions;

export interface Call {
	method: IHttpRequestMethods;
	path: string;
	body?: IDataObject;
	qs?: IDataObject;
	/** Seconds. */
	timeout: number;
}

export type Reply = Pick<IN8nHttpFullResponse, 'statusCode' | 'body'>;

/** Why a call brought no answer; `unreachable` tells an outage from something the user has to put right. */
export class CacheProblem extends Error {
	override name = 'CacheProblem';

	constructor(
		message: string,
		readonly advice: string,
		readonly details: ProblemDetails = {},
		readonly unreachable = false,
	) {
		super(message);
	}

	/** Whether the cache server replays a cassette without this question: then no model may be asked. */
	get notRecorded(): boolean {
		return this.details.type === NOT_RECORDED;
	}

	/** Whether the cache has nothing under the key. */
	get isUnknownKey(): boolean {
		return this.details.type === UNKNOWN_KEY;
	}

	/** The same for n8n, shown at the item it concerns. */
	asNodeError(context: CacheContext, itemIndex?: number): NodeApiError {
		return new NodeApiError(context.getNode(), { ...this.details } as JsonObject, {
			message: this.message,
			description: this.advice,
			httpCode: this.details.status?.toString(),
			itemIndex,
		});
	}

	/** The part that concerns each item of a batch, by position; empty when it was not about single items. */
	byPosition(): Map<number, CacheProblem> {
		const fields = new Map<number, FieldProblem[]>();
		for (const { loc, msg } of this.details.errors ?? []) {
			const [list, position, ...field] = loc;
			if (list !== 'items' || typeof position !== 'number') continue;
			fields.set(position, [...(fields.get(position) ?? []), { loc: field, msg }]);
		}
		return new Map(
			[...fields].map(([position, errors]) => {
				const said = errors.map(plain).join('; ');
				const { message, advice } = this.notRecorded
					? explainNotRecorded(said)
					: (explainMatching(errors) ?? { message: said, advice: this.advice });
				return [position, new CacheProblem(message, advice, { ...this.details, errors })];
			}),
		);
	}

	/** The same, naming the item in the way n8n counts. */
	concerning(itemIndex: number): CacheProblem {
		return new CacheProblem(
			`Item ${itemIndex}: ${this.message}`,
			this.advice,
			this.details,
			this.unreachable,
		);
	}
}

/** Send one request to the cache server and return the decoded body, or throw a `CacheProblem`. */
export async function callCache<T>(
	context: CacheContext | ILoadOptionsFunctions,
	call: Call,
): Promise<T> {
	const credentials = await context.getCredentials<{
		baseUrl: string;
		ignoreSslIssues?: boolean;
	}>(CREDENTIAL);
	const baseURL = credentials.baseUrl.replace(/\/+$/, '');
	const options: IHttpRequestOptions = {
		method: call.method,
		baseURL,
		url: call.path,
		body: call.body,
		qs: call.qs,
		json: true,
		timeout: call.timeout * 1000,
		skipSslCertificateValidation: credentials.ignoreSslIssues === true,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
	};
	let reply: IN8nHttpFullResponse;
	try {
		reply = (await context.helpers.httpRequestWithAuthentication.call(
			context,
			CREDENTIAL,
			options,
		)) as IN8nHttpFullResponse;
	} catch (cause) {
		const { message, advice } = explainSilence(cause, baseURL, call.timeout);
		// eslint-disable-next-line @n8n/community-nodes/require-node-api-error -- made one where the item is known
		throw new CacheProblem(message, advice, {}, true);
	}
	if (isAnswer(reply)) return reply.body as T;
	const details = problemDetails(reply);
	const { message, advice } = explainProblem(details, baseURL);
	throw new CacheProblem(
		message,
		advice,
		details,
		reply.statusCode >= 500 || reply.statusCode === 429,
	);
}

/** Cut a list into batches the cache server takes, keeping the order. */
export function* batches<T>(items: T[]): Generator<T[]> {
	let batch: T[] = [];
	let characters = 0;
	for (const item of items) {
		const size = JSON.stringify(item).length;
		if (batch.length === BATCH_SIZE || (batch.length > 0 && characters + size > BATCH_CHARACTERS)) {
			yield batch;
			batch = [];
			characters = 0;
		}
		batch.push(item);
		characters += size;
	}
	if (batch.length > 0) yield batch;
}

export function isAnswer({ statusCode, body }: Reply): boolean {
	return statusCode < 300 && isJson(body);
}

function isJson(body: unknown): boolean {
	return typeof body === 'object' && body !== null;
}

/** What a reply says went wrong, as far as it says so. */
export function problemDetails({ statusCode, body }: Reply): ProblemDetails {
	let decoded: unknown = body;
	if (typeof body === 'string') {
		try {
			decoded = JSON.parse(body);
		} catch {
			decoded = undefined;
		}
	}
	return { ...(isJson(decoded) ? (decoded as ProblemDetails) : {}), status: statusCode };
}

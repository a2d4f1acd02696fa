/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests do not run inside n8n */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sleep, type IDataObject } from 'n8n-workflow';

export interface Received {
	method: string;
	path: string;
	query: Record<string, string>;
	headers: IncomingHttpHeaders;
	body: IDataObject;
}

export interface Reply {
	status?: number;
	body: unknown;
	type?: string;
	/** Milliseconds before the answer. */
	delay?: number;
}

export type Handler = (received: Received) => Reply;

/** A small HTTP server in the sidecar's place: answers as told, and remembers what it was asked. */
export class FakeSidecar {
	readonly received: Received[] = [];
	private readonly handlers = new Map<string, Handler>();
	private readonly server: Server;

	constructor() {
		this.server = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const url = new URL(request.url ?? '/', 'http://sidecar');
				const text = Buffer.concat(chunks).toString();
				const received: Received = {
					method: request.method ?? '',
					path: url.pathname,
					query: Object.fromEntries(url.searchParams),
					headers: request.headers,
					body: text ? (JSON.parse(text) as IDataObject) : {},
				};
				this.received.push(received);
				const handler = this.handlers.get(`${received.method} ${received.path}`);
				const {
					status = 200,
					body,
					type,
					delay = 0,
				} = handler?.(received) ?? problem(404, 'not-found');
				void sleep(delay).then(() => {
					response.writeHead(status, { 'Content-Type': type ?? contentType(status) });
					response.end(typeof body === 'string' ? body : JSON.stringify(body));
				});
			});
		});
	}

	async start(): Promise<this> {
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return this;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise<void>((resolve) => this.server.close(() => resolve()));
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	on(route: string, handler: Handler | Reply): this {
		this.handlers.set(route, typeof handler === 'function' ? handler : () => handler);
		return this;
	}

	/** Answer lookups as the real one does, from a table of prompts; unknown prompts are misses. */
	knows(answers: Record<string, unknown>): this {
		return this.on('POST /v1/lookup/batch', ({ body }) => ({
			body: {
				items: (body.items as IDataObject[]).map(({ prompt, messages }) => {
					const key = `key of ${JSON.stringify(prompt ?? messages)}`;
					const response = answers[prompt as string];
					return response === undefined
						? { status: 'miss', key, ticket: `ticket of ${key}`, reason: 'not_found' }
						: hit(key, response);
				}),
			},
		}));
	}

	/** Store everything that is sent. */
	stores(): this {
		return this.on('POST /v1/store/batch', ({ body }) => ({
			status: 201,
			body: {
				items: (body.items as IDataObject[]).map(({ key }) => ({ key, stored: true, ttl: 86400 })),
			},
		}));
	}
}

/** A found answer in the sidecar's form. */
export function hit(key: string, response: unknown): IDataObject {
	const found = { status: 'hit', key, match: 'exact', similarity: 1, age: 2.5, ttl: 60 };
	return { ...found, response } as IDataObject;
}

/** What a cassette is told not to hold, and what comes nearest. */
export const DIFFERS =
	'this request is not recorded in support.jsonl. The nearest is line 2 ("Hi"), which differs in model';

/** Replay these answers as the real one does: nothing else is a miss, and no answer is ever too old. */
export function replayed(answers: Record<string, unknown>): Handler {
	return ({ body }) => {
		const items = (body.items as IDataObject[]).map(({ prompt, messages }) => {
			const response = answers[(prompt ?? JSON.stringify(messages)) as string];
			return response === undefined ? undefined : { ...hit('k', response), age: 0 };
		});
		const at = items.indexOf(undefined);
		if (at < 0) return { body: { items } };
		const errors = [{ loc: ['items', at], msg: DIFFERS }];
		return problem(424, 'not-recorded', { detail: DIFFERS, errors });
	};
}

/** Problem details in the sidecar's form. */
export function problem(status: number, code: string, more: IDataObject = {}): Reply {
	const title = code.replaceAll('-', ' ');
	return { status, body: { type: `urn:prompt-cache:problem:${code}`, title, status, ...more } };
}

function contentType(status: number): string {
	return status < 400 ? 'application/json' : 'application/problem+json';
}

/** An answer to another question, in the sidecar's form. */
export function likeHit(key: string, response: unknown): IDataObject {
	const matched = { key: 'key of the other', question: 'How do I reset my password?' };
	return { ...hit(key, response), match: 'semantic', similarity: 0.934, matched };
}

/** Why nothing was given, in the sidecar's form. */
export const NEAR_MISS = {
	searched: true,
	threshold: 0.6,
	nearest: [
		{
			key: 'key of the other',
			question: 'How do I enable 2FA?',
			similarity: 0.9661,
			served: false,
			known: null,
			verdicts: [
				{ guard: 'numbers', agrees: true, saw: '' },
				{ guard: 'antonyms', agrees: false, saw: 'disable and enable' },
			],
		},
	],
	differs: [],
};

/** What a receipt keeps of it: what the guards had no objection to is left out. */
export const NEAR_MISS_RECEIPT = {
	...NEAR_MISS,
	nearest: NEAR_MISS.nearest.map((near) => ({ ...near, verdicts: near.verdicts.slice(1) })),
};

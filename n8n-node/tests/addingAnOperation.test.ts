/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the tests do not run inside n8n */
import { execFile } from 'node:child_process';
import { appendFile, cp, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { INodeType } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PromptCache } from '../nodes/PromptCache/PromptCache.node';
import { operationsOf, subtitleFor } from './fakes/description';
import { CACHE_TYPE, Execution } from './fakes/execution';
import { sidecar } from './fakes/freshSidecar';

const PACKAGE = join(import.meta.dirname, '..');
const COPIED = [
	'credentials',
	'nodes',
	'shared',
	'eslint.config.mjs',
	'package.json',
	'tsconfig.json',
];
const MINUTE = 60_000;

const run = promisify(execFile);
const load = createRequire(import.meta.url);

let copy: string;
let made: INodeType;

/** The code blocks of the page, by the file that each belongs to. */
async function blocks(): Promise<Array<{ file: string; code: string }>> {
	const page = await readFile(join(PACKAGE, 'docs/adding-an-operation.md'), 'utf8');
	const found = page.matchAll(/`(nodes\/\S+\.ts)`:\n\n```ts\n(.*?)```/gs);
	return [...found].map(([, file, code]) => ({ file: file!, code: code! }));
}

/** What a tool of the package finds wrong with the copy. */
async function complaints(tool: string, ...options: string[]): Promise<string> {
	return await run(join(PACKAGE, 'node_modules/.bin', tool), options, { cwd: copy }).then(
		() => '',
		({ message, stdout }: Error & { stdout: string }) => `${message}\n${stdout}`,
	);
}

beforeAll(async () => {
	copy = await mkdtemp(join(tmpdir(), 'prompt-cache-operation-'));
	for (const name of COPIED) await cp(join(PACKAGE, name), join(copy, name), { recursive: true });
	await symlink(join(PACKAGE, 'node_modules'), join(copy, 'node_modules'), 'dir');

	const [operation, line] = await blocks();
	await expect(stat(join(copy, operation!.file))).rejects.toThrow('ENOENT');
	await writeFile(join(copy, operation!.file), operation!.code);
	await appendFile(join(copy, line!.file), line!.code);

	expect(await complaints('tsc', '--project', '.')).toBe('');
	const built = load(join(copy, 'dist/nodes/PromptCache/PromptCache.node.js')) as {
		PromptCache: new () => INodeType;
	};
	made = new built.PromptCache();
}, MINUTE);

afterAll(async () => await rm(copy, { recursive: true, force: true }));

describe('the operation that the documentation adds', () => {
	it('is one file and one line', async () => {
		const [operation, line, ...others] = await blocks();
		expect(others).toEqual([]);
		expect(operation!.code).toContain('export const execute');
		expect(line!.code).toMatch(/^export \* as \w+ from '\.\/\w+';\n$/);
	});

	it(
		"passes n8n's lint",
		async () => {
			const files = (await blocks()).map(({ file }) => file);
			expect(await complaints('eslint', ...files)).toBe('');
		},
		MINUTE,
	);

	it('stands in the list, and all others as before', () => {
		const { description } = new PromptCache();
		const [before, after] = [description, made.description].map((told) =>
			operationsOf(told, 'answer').map(({ name }) => name),
		);
		expect(after).toEqual(
			before!.flatMap((name) => (name === 'Get Many' ? ['Get', name] : [name])),
		);
		expect(operationsOf(made.description, 'answer')).toContainEqual({
			name: 'Get',
			value: 'get',
			action: 'Get a stored answer',
			description: 'Return one answer with its tags, its model and what it cost',
		});
	});

	it('has a subtitle of its own, though another resource has an operation of the same name', () => {
		expect(subtitleFor(made.description, 'answer', 'get')).toBe('Get Answer');
		expect(subtitleFor(made.description, 'statistics', 'get')).toBe('Statistics');
	});

	it('shows its parameter for itself alone', () => {
		const shown = made.description.properties.filter(({ displayOptions }) => {
			const { resource = [], operation = [] } = displayOptions?.show ?? {};
			return resource.includes('answer') && operation.includes('get');
		});
		expect(shown.map(({ name }) => name)).toEqual(['key']);
	});

	it('is executed', async () => {
		const entry = { key: 'a/b', response: { text: 'A' }, tags: ['pricing'], cost_usd: 0.002 };
		sidecar.on('GET /v1/entries/a%2Fb', { body: entry });
		const parameters = { resource: 'answer', operation: 'get', key: 'a/b' };
		const execution = new Execution({ Before: {}, Cache: { type: CACHE_TYPE, parameters } }, [
			{ from: 'Before', to: 'Cache' },
		]).put('Before', [[{ json: {} }]]);
		execution.credentials.baseUrl = sidecar.url;
		const context = execution.contextOf('Cache', { previousNode: 'Before' });
		expect(await made.execute!.call(context)).toEqual([[{ json: entry, pairedItem: { item: 0 } }]]);
	});
});

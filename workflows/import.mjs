// Brings these workflows and the credentials they name into an n8n that is not running, each once: what a user changes
// or deletes afterwards stays so. Prints the ids of the workflows that are new.
//
//   node import.mjs <file that remembers what was brought in> <command that runs n8n> [its arguments]
//
// SIDECAR_URL, SIDECAR_TOKEN or SIDECAR_TOKEN_FILE, MODEL_URL (with its /v1) and MODEL_KEY say what the credentials hold;
// PROXY_PATH, where below SIDECAR_URL the same model is answered from the cache.

import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [recordFile, n8n, ...n8nArguments] = process.argv.slice(2);
const { SIDECAR_URL, SIDECAR_TOKEN_FILE, MODEL_URL, MODEL_KEY, PROXY_PATH } = process.env;
const token = process.env.SIDECAR_TOKEN ?? readFileSync(SIDECAR_TOKEN_FILE, 'utf8').trim();

// The addresses that the exported workflows name.
const addresses = { 'http://127.0.0.1:8787': SIDECAR_URL, 'http://127.0.0.1:8788/v1': MODEL_URL };

const credentialData = {
	promptCacheApi: { baseUrl: SIDECAR_URL, token },
	openAiApi: { apiKey: MODEL_KEY, url: MODEL_URL },
	httpBasicAuth: { user: 'prompt-cache', password: token },
	httpBearerAuth: { token },
	httpHeaderAuth: { name: 'Authorization', value: `Bearer ${token}` },
	crypto: { hmacSecret: token },
};
// By id, where a type has several.
const ownData = {
	openAiCached: {
		apiKey: MODEL_KEY,
		url: SIDECAR_URL + (PROXY_PATH ?? '/openai/v1'),
		header: true,
		headerName: 'X-Prompt-Cache-Token',
		headerValue: token,
	},
};

function workflows() {
	const files = readdirSync(import.meta.dirname, { recursive: true }).filter((file) => file.endsWith('.json'));
	const texts = files.sort().map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'));
	return texts
		.map((text) => Object.entries(addresses).reduce((all, [from, to]) => all.replaceAll(from, to), text))
		.map((text) => JSON.parse(text))
		.filter((workflow) => Array.isArray(workflow.nodes))
		// The first releases of n8n 2 do not make a version up.
		.map((workflow) => ({ versionId: randomUUID(), ...workflow, tags: tagsOf(workflow) }))
		// What n8n is given last stands first on its home page: the editions with our own nodes, and the first sample on top.
		.sort((a, b) => b.tags.length - a.tags.length || b.name.localeCompare(a.name));
}

// n8n makes a tag anew for each workflow that names it without its id.
function tagsOf({ id }) {
	const sample = { id: 'promptCacheSample', name: 'Prompt Cache sample' };
	return id.endsWith('Http') ? [sample, { id: 'promptCacheHttp', name: 'HTTP Request edition' }] : [sample];
}

// Credentials of a type that is not known here are left for the user to fill in.
function credentialsOf(workflows) {
	const references = workflows
		.flatMap((workflow) => workflow.nodes)
		.flatMap((node) => Object.entries(node.credentials ?? {}))
		.filter(([type]) => type in credentialData)
		.map(([type, { id, name }]) => ({ id, name, type, data: ownData[id] ?? credentialData[type] }));
	return [...new Map(references.map((credential) => [credential.id, credential])).values()];
}

function bringIn(noun, records) {
	if (records.length === 0) return;
	const folder = mkdtempSync(join(tmpdir(), 'prompt-cache-'));
	try {
		const file = join(folder, 'import.json');
		writeFileSync(file, JSON.stringify(records), { mode: 0o600 });
		const printed = execFileSync(n8n, [...n8nArguments, `import:${noun}`, `--input=${file}`], { encoding: 'utf8' });
		// n8n ends with status 0 even when it has imported nothing.
		if (!printed.includes(`Successfully imported ${records.length} `)) throw new Error(printed);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

const digest = (credential) => createHash('sha256').update(JSON.stringify(credential)).digest('hex').slice(0, 16);

const record = existsSync(recordFile) ? JSON.parse(readFileSync(recordFile, 'utf8')) : { credentials: {}, workflows: [] };
const all = workflows();
// A credential comes again when what it is to hold has changed: another port, another key.
const credentials = credentialsOf(all).filter((one) => record.credentials[one.id] !== digest(one));
const fresh = all.filter((workflow) => !record.workflows.includes(workflow.id));
bringIn('credentials', credentials);
bringIn('workflow', fresh);
for (const one of credentials) record.credentials[one.id] = digest(one);
record.workflows.push(...fresh.map((workflow) => workflow.id));
writeFileSync(recordFile, JSON.stringify(record, null, 1));
for (const { id } of fresh) console.log(id);

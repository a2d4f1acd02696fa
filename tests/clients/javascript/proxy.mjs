/** The proxy and the provider behind it, which run outside. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

export const url = process.env.PROXY_URL;

/** Of a namespace that keeps answers which are calls of tools. */
export const TOOLS = { 'X-Prompt-Cache-Namespace': 'tools' };
export const ONLY_KEPT = { 'Cache-Control': 'only-if-cached' };
export const CITY = {
	type: 'object',
	properties: { name: { type: 'string' }, population: { type: 'integer' } },
	required: ['name', 'population'],
	additionalProperties: false,
};

/** One that nobody has asked. */
export const question = () => `What is ${randomUUID()}?`;

/** Both orders of two ways to ask. */
export const eitherWay = (one, other) => [
	[one, other],
	[other, one],
];

/** What `ask` returns, which must make `times` calls of the provider. */
export async function asking(times, ask) {
	const before = await calls();
	const told = await ask();
	assert.equal((await calls()) - before, times);
	return told;
}

/** The answers to one question asked in several ways, one after the other, for one call of the provider. */
export const askedOnce = (ways) => {
	const asked = question();
	return asking(1, async () => {
		const answers = [];
		for (const ask of ways) answers.push(await ask(asked));
		return answers;
	});
};

async function calls() {
	return (await fetch(`${process.env.PROVIDER_URL}/-/calls`)).json();
}

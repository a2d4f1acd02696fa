import type { IRunData, ITaskData } from 'n8n-workflow';

import { canonical } from '../../../shared/canonical';
import { isPlainObject } from '../../../shared/langchain/plain';

/** A text that an output parser could make nothing of. */
export interface RefusedText {
	/** See `gist`. */
	gist: string;
	/** The node that uses the parser, other parsers left out. */
	user?: string;
}

/**
 * What output parsers refused since a time, in milliseconds of the clock. What an auto-fixing parser mended was not
 * refused: its own log names the same text with success.
 */
export function refusedTexts(runData: IRunData, since: number): RefusedText[] {
	const parsers = Object.entries(runData).filter(([, runs]) => textOf(runs[0]) !== undefined);
	const refused = new Map<string, RefusedText>();
	const accepted = new Set<string>();
	for (const [, runs] of parsers) {
		for (let at = runs.length - 1; at >= 0; at--) {
			const run = runs[at];
			if (!run || run.startTime < since) break;
			const gist = gistOf(textOf(run) ?? '');
			if (!run.error) accepted.add(gist);
			else refused.set(gist, { gist, user: userOf(run, new Map(parsers)) });
		}
	}
	return [...refused.values()].filter(({ gist }) => !accepted.has(gist));
}

/**
 * What a text comes to for a parser. Agents write the JSON anew, and put it into a field "output" where it is not in
 * one, before they hand it on.
 */
export function gistOf(text: string): string {
	const trimmed = text.trim();
	try {
		let value: unknown = JSON.parse(trimmed);
		while (isPlainObject(value) && Object.keys(value).join() === 'output') value = value.output;
		return canonical(value);
	} catch {
		return trimmed;
	}
}

function textOf(run: ITaskData | undefined): string | undefined {
	const input = run?.inputOverride?.ai_outputParser?.[0]?.[0]?.json;
	return input ? String(input.text ?? '') : undefined;
}

function userOf(run: ITaskData, parsers: Map<string, ITaskData[]>): string | undefined {
	let user = run.source[0]?.previousNode;
	for (let depth = 0; user !== undefined && depth < parsers.size; depth++) {
		if (!parsers.has(user)) break;
		user = parsers.get(user)?.[0]?.source[0]?.previousNode;
	}
	return user;
}

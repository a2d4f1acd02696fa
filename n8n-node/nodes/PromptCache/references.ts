/** A node that an expression or a script names: `$('AI')`, `$node["AI"]`, `$node.AI` or `$items("AI")`. */
const QUOTED = /(\$(?:\(|node\s*\[|items\s*\()\s*)(['"`])((?:\\.|(?!\2)[^\\])*)\2/gsu;
const PLAIN = /(\$node\s*\.\s*)([\p{L}_$][\p{L}\p{N}_$]*)/gu;

/** The names of the nodes that a text refers to. */
export function namesIn(text: string): string[] {
	if (!text.includes('$')) return [];
	return [
		...[...text.matchAll(QUOTED)].map(([, , , name]) => unescaped(name!)),
		...[...text.matchAll(PLAIN)].map(([, , name]) => name!),
	];
}

/** The same text with other names in place of those it refers to. */
export function renamed(text: string, rename: (name: string) => string): string {
	if (!text.includes('$')) return text;
	return text
		.replace(
			QUOTED,
			(_, before: string, quote: string, name: string) =>
				before + quote + rename(unescaped(name)) + quote,
		)
		.replace(PLAIN, (_, before: string, name: string) => before + rename(name));
}

/** All texts in the parameters of a node. */
export function* textsOf(value: unknown): Generator<string> {
	if (typeof value === 'string') yield value;
	else if (typeof value === 'object' && value !== null) {
		for (const part of Object.values(value)) yield* textsOf(part);
	}
}

function unescaped(name: string): string {
	return name.replace(/\\(.)/gsu, '$1');
}

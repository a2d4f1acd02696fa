/** Names of workflows, nodes, models and namespaces are made up by whoever calls: they may hold anything. */

const LONGEST = 80;

/** What breaks a line, is not seen, or turns the direction of what follows; but for what joins letters and emoji. */
const UNSEEN = /(?:[\p{Cc}\p{Zl}\p{Zp}\s]|(?![\u200c\u200d])\p{Cf})+/gu;

/** What spreadsheets take for a formula at the beginning of a cell that is pasted into them. */
const FORMULA = /^[=+\-@]/;

/** What Markdown and chat tools take for more than a letter. */
const MARKUP = /[\\`*_~|[\]()#!]/g;

const ENTITIES: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/** On one line, and of a length that can be read. */
function line(name: string): string {
	const told = [...name.replace(UNSEEN, ' ').trim()];
	if (told.length === 0) return '(none)';
	return told.length > LONGEST ? `${told.slice(0, LONGEST).join('').trimEnd()}...` : told.join('');
}

/** For a plain text, in which no chat tool finds a link, or somebody to call. */
export function inText(name: string): string {
	return line(name).replace(/</g, '‹').replace(/>/g, '›').replace(/@/g, '@\u200b');
}

export function inMarkdown(name: string): string {
	return cell(name).replace(MARKUP, '\\$&').replace(/[&<>]/g, entity).replace(/@/g, '@\u200b');
}

export function inHtml(name: string): string {
	return cell(name).replace(/[&<>"']/g, entity);
}

function cell(name: string): string {
	const told = line(name);
	return FORMULA.test(told) ? `'${told}` : told;
}

function entity(character: string): string {
	return ENTITIES[character]!;
}

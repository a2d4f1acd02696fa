import { AI_NODES_ATTRIBUTE } from './attributes';

export interface FieldProblem {
	/** The way to the field: names, and positions in lists. */
	loc: Array<string | number>;
	msg: string;
}

/** RFC 9457 problem details, as the cache server answers whatever goes wrong. */
export interface ProblemDetails {
	type?: string;
	title?: string;
	status?: number;
	detail?: string;
	errors?: FieldProblem[];
}

/** What happened, and what the user can do about it. */
export interface Explanation {
	message: string;
	advice: string;
}

const PROBLEM_TYPE = 'urn:prompt-cache:problem:';

/** A cassette is replayed, and what was asked is not in it: no model may be asked instead. */
export const NOT_RECORDED = `${PROBLEM_TYPE}not-recorded`;

export const UNKNOWN_KEY = `${PROBLEM_TYPE}unknown-key`;

const CHECK_ADDRESS =
	'Check the Base URL in the Prompt Cache API credential, and that the cache server is running ("prompt-cache serve"). When n8n runs in Docker, 127.0.0.1 is the container itself: use the name of its service, for example http://sidecar:8787.';

const SILENCES: Record<string, string> = {
	ECONNREFUSED: 'nothing listens there',
	ECONNRESET: 'the connection was closed',
	ENOTFOUND: 'the host name is not known',
	EAI_AGAIN: 'the host name could not be resolved',
	EHOSTUNREACH: 'the host cannot be reached',
	ENETUNREACH: 'the network cannot be reached',
};

const CERTIFICATE = /certificate|self.signed|SSL|TLS/i;
const TIMEOUT = /ETIMEDOUT|ECONNABORTED|timeout|aborted/i;

/** Explain a request that got no answer at all. */
export function explainSilence(cause: unknown, baseUrl: string, timeout: number): Explanation {
	const account = accountOf(cause);
	const known = Object.keys(SILENCES).find((code) => account.includes(code));
	if (known) {
		return {
			message: `Prompt Cache did not answer at ${baseUrl}: ${SILENCES[known]}`,
			advice: CHECK_ADDRESS,
		};
	}
	if (TIMEOUT.test(account)) {
		return {
			message: `Prompt Cache did not answer at ${baseUrl} within ${timeout} seconds`,
			advice: `Look at the log of the cache server, or allow more time with the option "Timeout". ${CHECK_ADDRESS}`,
		};
	}
	if (CERTIFICATE.test(account)) {
		return {
			message: `The certificate of Prompt Cache at ${baseUrl} is not trusted`,
			advice:
				'Install a certificate that n8n trusts, or turn on "Ignore SSL Issues" in the Prompt Cache API credential if the network between them is your own.',
		};
	}
	return {
		message: `Prompt Cache did not answer at ${baseUrl}`,
		advice: `${account} ${CHECK_ADDRESS}`,
	};
}

/** Explain an answer that is a problem. */
export function explainProblem(details: ProblemDetails, baseUrl: string): Explanation {
	const { status = 0, detail, errors, type } = details;
	if (!type?.startsWith(PROBLEM_TYPE)) {
		return {
			message: `The address ${baseUrl} answered, but not like Prompt Cache (status ${status})`,
			advice: CHECK_ADDRESS,
		};
	}
	const said = detail ?? details.title ?? `Status ${status}`;
	switch (status) {
		case 400:
		case 422:
			return errors?.length
				? (explainMatching(errors) ?? {
						message: sentence(errors.map(plain).join('; ')),
						advice: `Prompt Cache says: ${said}`,
					})
				: { message: sentence(said), advice: 'Change the parameters of this node accordingly.' };
		case 401:
			return {
				message: 'Prompt Cache did not accept the token',
				advice: `Enter a token that the cache server knows in the Prompt Cache API credential. It says: ${said}`,
			};
		case 403:
			return {
				message: 'The token does not allow this',
				advice: `Use a token with a higher role, or one that may use this namespace. Prompt Cache says: ${said}`,
			};
		case 404:
			return {
				message: sentence(said),
				advice: 'It may have expired or been deleted in the meantime.',
			};
		case 413:
			return {
				message: 'The data is larger than Prompt Cache takes',
				advice: `Send smaller prompts or answers, or raise the body limit of the cache server. It says: ${said}`,
			};
		case 424:
			return explainNotRecorded(said);
		case 429:
		case 503:
			return {
				message: 'Prompt Cache cannot answer at the moment',
				advice: `Try again a little later, and look at the log of the cache server if this goes on. It says: ${said}`,
			};
		default:
			return {
				message: `Prompt Cache answered with status ${status}`,
				advice: `It says: ${said}`,
			};
	}
}

/** What to do about the options that say how questions are matched. */
const MATCHING: Record<string, Explanation> = {
	match: {
		message: 'This cache server does not match by similar meaning here',
		advice:
			'Choose "Same Question" in the option "Match" of this node, or have the cache server set up for it: its setting "embedder" can be "local", or the address and model of an embedding server.',
	},
	threshold: {
		message: 'The similarity threshold cannot be used here',
		advice:
			'Raise the "Similarity Threshold" of this node to that of the namespace, or remove the option: then that of the namespace counts.',
	},
};

/** Explain that questions cannot be matched as they are to be, where nothing else is wrong with them. */
export function explainMatching(errors: FieldProblem[]): Explanation | undefined {
	const [known] = errors.map(({ loc }) => MATCHING[String(loc.at(-1))]);
	if (!known || errors.some(({ loc }) => MATCHING[String(loc.at(-1))] !== known)) return undefined;
	const said = sentence(errors[0]!.msg);
	return { message: known.message, advice: `${known.advice} Prompt Cache says: ${said}` };
}

/** Explain that a cassette lacks what was asked; `said` are the words of the cache server. */
export function explainNotRecorded(said: string): Explanation {
	const ours = said.includes(AI_NODES_ATTRIBUTE)
		? `. "${AI_NODES_ATTRIBUTE}" stands for the settings of the AI nodes behind Look Up: one of them is not as it was recorded`
		: '';
	return { message: 'This question is not in the cassette', advice: `${sentence(said)}${ours}.` };
}

/** A field and what is wrong with it in words, such as `attributes, tenant: expected a text`. */
export function plain({ loc, msg }: FieldProblem): string {
	const field = loc
		.map((part) => (typeof part === 'number' ? `number ${part + 1}` : part))
		.join(', ');
	return field ? `${field}: ${msg}` : msg;
}

function sentence(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Every code and message along the chain of causes, since n8n wraps what its HTTP client throws. */
function accountOf(cause: unknown): string {
	const parts: string[] = [];
	let current: unknown = cause;
	for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
		const { code, message, description, messages } = current as Record<string, unknown>;
		for (const part of [code, message, description, ...(Array.isArray(messages) ? messages : [])]) {
			if (typeof part === 'string' && !parts.includes(part)) parts.push(part);
		}
		current = (current as { cause?: unknown }).cause;
	}
	return parts.join(' ');
}

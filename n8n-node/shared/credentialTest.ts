import type {
	ICredentialTestFunctions,
	ICredentialsDecrypted,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { explainProblem, explainSilence, type Explanation } from './explain';
import { isAnswer, problemDetails, type Reply } from './transport';

/** Seconds: someone waits for it. */
const TIMEOUT = 5;

interface Settings {
	baseUrl?: string;
	token?: string;
	ignoreSslIssues?: boolean;
}

/** Tell whether the cache server can be used with a credential, in the words in which the nodes would tell it. */
export async function testCacheServer(
	this: ICredentialTestFunctions,
	{ data }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { baseUrl = '', token, ignoreSslIssues } = (data ?? {}) as Settings;
	const address = baseUrl.replace(/\/+$/, '');
	let reply: Reply;
	try {
		// What n8n has for tests of credentials is this alone.
		const { request } = this.helpers;
		reply = (await request({
			uri: `${address}/v1/stats`,
			headers: token ? { Authorization: `Bearer ${token}` } : {},
			json: true,
			timeout: TIMEOUT * 1000,
			rejectUnauthorized: !ignoreSslIssues,
			resolveWithFullResponse: true,
			simple: false,
		})) as Reply;
	} catch (cause) {
		return failed(explainSilence(cause, address, TIMEOUT));
	}
	if (isAnswer(reply)) return { status: 'OK', message: 'The cache server answered' };
	return failed(explainProblem(problemDetails(reply), address));
}

function failed({ message, advice }: Explanation): INodeCredentialTestResult {
	return { status: 'Error', message: `${message}. ${advice}` };
}

import type { IAuthenticateGeneric, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

export class PromptCacheApi implements ICredentialType {
	name = 'promptCacheApi';

	displayName = 'Prompt Cache API';

	icon: Icon = {
		light: 'file:../icons/promptCache.svg',
		dark: 'file:../icons/promptCache.dark.svg',
	};

	documentationUrl =
		'https://github.com/prompt-cache/prompt-cache/blob/main/n8n-node/README.md#credentials';

	properties: INodeProperties[] = [
		{
			// n8n makes no link of what is typed below.
			displayName:
				'What was saved, and why not more: open the Base URL in your browser. <a href="https://github.com/prompt-cache/prompt-cache/blob/main/docs/dashboard.md" target="_blank">About the dashboard</a>',
			name: 'dashboard',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'http://127.0.0.1:8787',
			placeholder: 'e.g. http://127.0.0.1:8787',
			description:
				"Where the cache server listens. When n8n runs in Docker, 127.0.0.1 is the container itself: use the name of the cache server's service instead, for example http://sidecar:8787.",
			required: true,
		},
		{
			displayName: 'Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'The token the cache server was started with (PROMPT_CACHE_TOKEN, or one of those in its configuration file). Leave empty when it has none.',
		},
		{
			displayName: 'Ignore SSL Issues (Insecure)',
			name: 'ignoreSslIssues',
			type: 'boolean',
			default: false,
			description: 'Whether to connect even if the certificate is self-signed or has expired',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: {
			headers: { Authorization: '={{ $credentials.token ? "Bearer " + $credentials.token : "" }}' },
		},
	};
}

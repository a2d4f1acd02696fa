import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['tests/**/*.test.ts'],
		// The build that n8n itself loads; its other one comes without the sources its maps point to.
		alias: { 'n8n-workflow': createRequire(import.meta.url).resolve('n8n-workflow') },
	},
});

import type { Duration, Lookup, Source } from '../../../shared/api';

export type Mode = 'normal' | 'refresh' | 'bypass';

/** What the user wants of the cache; times in seconds unless they are durations. */
export interface Settings {
	namespace: string;
	attributes: Record<string, string>;
	/** Which differences between questions do not count; undefined for the server's rule. */
	normalize?: string | string[];
	/** How questions are matched, where that is not left to the namespace. */
	matching: Partial<Lookup>;
	/** Why nothing is stored, if so. */
	unstored?: string;
	ttl?: Duration | null;
	tags: string[];
	dependsOn: string[];
	mode: Mode;
	toolCalls: boolean;
	maxAge?: Duration;
	maxStale?: Duration;
	timeout: number;
	patience: number;
	source: Source;
}

import type { ChatModel, Generation } from './chatModel';
import { isPlainObject } from './plain';

interface Tracing {
	promptTokensEstimate?: number;
	estimateTokensFromGeneration?(generations: Generation[][]): Promise<number>;
	setParentRunIndex?(index: number): void;
}

/**
 * Have the connected model's own lines in the log tree stand below this node's, one each, and count no tokens for
 * an answer that cost none.
 */
export function traceBelow(model: ChatModel): void {
	for (const tracing of tracingOf(model.callbacks)) {
		tracing.setParentRunIndex?.(0);
		const estimate = tracing.estimateTokensFromGeneration?.bind(tracing);
		if (!estimate) continue;
		tracing.estimateTokensFromGeneration = async (generations) => {
			const cached = generations.flat().every(({ generationInfo }) => generationInfo?.cached);
			if (!cached) return await estimate(generations);
			tracing.promptTokensEstimate = 0;
			return 0;
		};
	}
}

function tracingOf(callbacks: unknown): Tracing[] {
	const { handlers } = (isPlainObject(callbacks) ? {} : (callbacks ?? {})) as {
		handlers?: unknown;
	};
	const list = Array.isArray(callbacks) ? (callbacks as unknown[]) : handlers;
	return (Array.isArray(list) ? list : []) as Tracing[];
}

import type { CacheableCall } from '../../shared/langchain/cacheableCall';
import { CachedCall, type Supply } from './cache/cachedCall';
import {
	answerOf,
	endedInFull,
	finishReasonOf,
	moreTelling,
	replay,
	replayChunk,
	textsOf,
} from '../../shared/langchain/answer';
import {
	inherited,
	isChatModel,
	type ChatModel,
	type ChatResult,
	type Generate,
	type GenerationChunk,
	type RunManager,
	type Stream,
} from '../../shared/langchain/chatModel';
import { promptOf } from '../../shared/langchain/conversation';
import { requestOf, type ModelCall } from '../../shared/langchain/request';
import { settled } from '../../shared/settled';

/** On a model: its calls go through a cache already. */
const CACHED = Symbol.for('n8n-nodes-prompt-cache.cached');

/** On a call's options: it is part of a call that went through the cache, since some models generate by streaming. */
const INNER = Symbol('inner call');

/** What LangChain makes copies of a model by; agents call the copies. */
const COPYING = ['bind', 'bindTools', 'withConfig'];

export function isCached(model: ChatModel): boolean {
	return CACHED in model;
}

/** Have all calls of this model instance, and of the copies LangChain makes of it, go through the cache. */
export function cacheCalls(model: ChatModel, supply: Supply, root: ChatModel = model): ChatModel {
	if (isCached(model)) return model;
	const begin = async (call: ModelCall, runManager?: RunManager) =>
		await CachedCall.begin(supply, cacheable(call, runManager));

	const generate = model._generate.bind(model);
	const cachedGenerate: Generate = async (messages, options, runManager) => {
		if (options[INNER]) return await generate(messages, options, runManager);
		return await generating(
			await begin({ root, model, messages, options }, runManager),
			async () => await generate(messages, { ...options, [INNER]: true }, runManager),
		);
	};
	override(model, '_generate', cachedGenerate);

	const baseStream = inherited(model, '_streamResponseChunks');
	const stream = model._streamResponseChunks?.bind(model);
	// LangChain tells by identity with its own whether a model can stream at all.
	if (stream && model._streamResponseChunks !== baseStream) {
		const cachedStream: Stream = async function* (messages, options, runManager) {
			if (options[INNER]) return yield* stream(messages, options, runManager);
			const call: ModelCall = { root, model, messages, options };
			const ask = () => stream(messages, { ...options, [INNER]: true }, runManager);
			yield* streaming(call, await begin(call, runManager), ask, runManager);
		};
		override(model, '_streamResponseChunks', cachedStream);
		// A model's own event stream would go past the cache; LangChain's is made from the chunks.
		const baseEvents = inherited(model, '_streamChatModelEvents');
		if (baseEvents) override(model, '_streamChatModelEvents', baseEvents);
	}

	for (const name of COPYING) {
		const copy = (model as unknown as Record<string, unknown>)[name];
		if (typeof copy !== 'function') continue;
		override(model, name, (...parameters: unknown[]): unknown => {
			const made: unknown = copy.apply(model, parameters);
			return isChatModel(made) ? cacheCalls(made, supply, root) : made;
		});
	}
	override(model, CACHED, true);
	return model;
}

function cacheable(call: ModelCall, runManager?: RunManager): CacheableCall<ChatResult> {
	return {
		signal: call.options.signal,
		run: runManager?.runId,
		prompt: promptOf(call.messages),
		request: () => requestOf(call),
		answer: (result, finishReason) => answerOf(call, result, finishReason),
		replay: (response) => replay(call, response),
		texts: textsOf,
	};
}

async function generating(
	cached: CachedCall<ChatResult>,
	ask: () => Promise<ChatResult>,
): Promise<ChatResult> {
	if (cached.found) {
		cached.close();
		return cached.found;
	}
	await cached.asking();
	const started = Date.now();
	const outcome = await settled(ask());
	if ('failure' in outcome) {
		await cached.fail();
		const stale = cached.fallBack(outcome.failure);
		cached.close();
		if (stale) return stale;
		throw outcome.failure;
	}
	await cached.store(outcome.value, (Date.now() - started) / 1000);
	cached.close();
	return outcome.value;
}

async function* streaming(
	call: ModelCall,
	cached: CachedCall<ChatResult>,
	ask: () => AsyncIterable<GenerationChunk>,
	runManager?: RunManager,
): AsyncGenerator<GenerationChunk> {
	if (cached.found) {
		cached.close();
		return yield* replayed(cached.found, runManager);
	}
	await cached.asking();
	const started = Date.now();
	let whole: GenerationChunk | undefined;
	let finish: string | undefined;
	let ended: 'whole' | 'failed' | 'stopped' = 'stopped';
	let failure: unknown;
	let stale: ChatResult | undefined;
	try {
		for await (const chunk of ask()) {
			whole = whole ? whole.concat(chunk) : chunk;
			finish = moreTelling(finish, finishReasonOf(chunk));
			yield chunk;
		}
		ended = 'whole';
	} catch (cause) {
		failure = cause;
		ended = 'failed';
	} finally {
		if (whole && ended === 'whole' && (finish ?? endedInFull(call, whole))) {
			await cached.store({ generations: [whole] }, (Date.now() - started) / 1000, finish);
		} else if (ended === 'failed') {
			await cached.fail();
		} else {
			// A stream that does not say why it ended may have been cut off.
			await cached.abandon('stream_unfinished');
		}
		if (ended === 'failed' && !whole) stale = cached.fallBack(failure);
		cached.close();
	}
	if (stale) yield* replayed(stale, runManager);
	else if (ended === 'failed') throw failure;
}

/** Give an answer out as the stream of one chunk, with the callback that models make of each. */
async function* replayed(
	result: ChatResult,
	runManager?: RunManager,
): AsyncGenerator<GenerationChunk> {
	const chunk = replayChunk(result);
	yield chunk;
	const position = { prompt: 0, completion: 0 };
	await runManager?.handleLLMNewToken?.(chunk.text, position, undefined, undefined, undefined, {
		chunk,
	});
}

/** Hidden from what lists the model's own settings. */
function override(model: ChatModel, name: string | symbol, value: unknown): void {
	Object.defineProperty(model, name, {
		value,
		writable: true,
		configurable: true,
		enumerable: false,
	});
}

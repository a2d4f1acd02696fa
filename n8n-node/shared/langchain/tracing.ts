import type { ISupplyDataFunctions } from 'n8n-workflow';

import type { ChatModel } from './chatModel';
import { isPlainObject } from './plain';

type Listener = (subject: unknown, details: unknown, run: string, ...more: unknown[]) => unknown;

type EndListener = (outcome: unknown, run: string, ...more: unknown[]) => unknown;

/** What n8n's model nodes listen to their calls with, to write them into the log tree. */
interface Tracing {
	executionFunctions?: ISupplyDataFunctions;
	handleLLMStart: Listener;
	handleLLMEnd: EndListener;
	handleLLMError: EndListener;
}

/** Says that a model is really asked in a run of LangChain's; `below` is the line of the log tree it belongs under. */
export type Asked = (run: string | undefined, below: number) => Promise<void>;

/** Keep the model's lines out of the log tree until it is really asked: a call that the cache answers is none of its. */
export function traceWhenAsked(model: ChatModel): Asked {
	// A Model Selector adds its own behind that of the model, whose line then belongs under the selector's.
	const traces = tracingOf(model.callbacks)
		.map((tracing) => new Trace(tracing))
		.reverse();
	return async (run, below) => {
		let line = below;
		for (const trace of traces) line = await trace.asked(run, line);
	};
}

class Trace {
	private readonly held = new Map<string, () => Promise<unknown>>();

	private readonly belowOf = new Map<number, number>();

	private below = 0;

	private line = 0;

	private begun: Promise<unknown> = Promise.resolve();

	constructor(tracing: Tracing) {
		const context = tracing.executionFunctions;
		const [start, end, fail] = [
			tracing.handleLLMStart.bind(tracing),
			tracing.handleLLMEnd.bind(tracing),
			tracing.handleLLMError.bind(tracing),
		];
		tracing.handleLLMStart = (subject, details, run, ...more) => {
			this.held.set(run, async () => await start(subject, details, run, ...more));
		};
		const unlessHeld =
			(listener: EndListener): EndListener =>
			async (outcome, run, ...more) => {
				if (!this.held.delete(run)) await listener(outcome, run, ...more);
			};
		tracing.handleLLMEnd = unlessHeld(end);
		tracing.handleLLMError = unlessHeld(fail);
		if (context) this.placeLines(context);
	}

	/** Which line it got. One call after the other, so that each finds its own place. */
	async asked(run: string | undefined, below: number): Promise<number> {
		const start = this.held.get(run ?? '');
		this.held.delete(run ?? '');
		const line = this.begun.then(async () => {
			this.below = below;
			await start?.();
			return this.line;
		});
		this.begun = line;
		return await line;
	}

	private placeLines(context: ISupplyDataFunctions): void {
		const [addInput, addOutput] = [
			context.addInputData.bind(context),
			context.addOutputData.bind(context),
		];
		context.addInputData = (type, data) => {
			const line = addInput(type, data, this.below);
			this.belowOf.set(line.index, this.below);
			this.line = line.index;
			return line;
		};
		context.addOutputData = (type, line, data, metadata) =>
			addOutput(type, line, data, metadata, this.belowOf.get(line));
	}
}

function tracingOf(callbacks: unknown): Tracing[] {
	const { handlers } = (isPlainObject(callbacks) ? {} : (callbacks ?? {})) as {
		handlers?: unknown;
	};
	const list = Array.isArray(callbacks) ? (callbacks as unknown[]) : handlers;
	return (Array.isArray(list) ? (list as unknown[]) : []).filter(
		(handler): handler is Tracing =>
			typeof handler === 'object' && handler !== null && 'executionFunctions' in handler,
	);
}

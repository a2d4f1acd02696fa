import {
	NodeConnectionTypes,
	NodeOperationError,
	type IExecuteFunctions,
	type NodeTypeAndVersion,
} from 'n8n-workflow';

import type { Outcome } from '../../shared/api';
import { usedUp, usedUpBudget } from '../../shared/budget';
import { internalsOf } from '../../shared/internals';
import type { Downstream } from './downstream';
import { namesIn, textsOf } from './references';
import type { Wiring } from './wiring';

/** How many nodes a hint names. */
const NAMED = 3;

/** Say something in the editor; where a node runs as a tool there is no place for it. */
export function tell(context: IExecuteFunctions, message: string, type: 'info' | 'warning'): void {
	(context as Partial<IExecuteFunctions>).addExecutionHints?.call(context, {
		message,
		type,
		location: 'outputPane',
	});
}

export function warn(context: IExecuteFunctions, message: string): void {
	tell(context, message, 'warning');
}

/** Stop before money is spent where a hit could not take the way that the AI node would have chosen. */
export function refuseBranches(
	context: IExecuteFunctions,
	wiring: Wiring,
	downstream: Downstream,
): void {
	const branching = downstream.between.find(
		({ name, disabled }) =>
			!disabled && wiring.hasModel(name) && downstream.usedOutputs(name).length > 1,
	);
	if (!branching) return;
	throw new NodeOperationError(
		context.getNode(),
		`"${branching.name}" decides which way an item goes, and an answer from the cache would lose it`,
		{
			description: `Remove Look Up and Store around "${branching.name}", and connect a "Prompt Cache Model" between it and its chat model instead: each item then keeps its fields and takes its own way, and repeated questions still cost nothing.`,
		},
	);
}

/** Warn where something that runs for hits too asks for the output of a node that only misses pass. */
export function warnOfReferences(context: IExecuteFunctions, downstream: Downstream): void {
	const asked = new Set(downstream.between.map(({ name }) => name));
	if (asked.size === 0) return;
	const found = downstream.after
		.filter(({ disabled }) => !disabled)
		.flatMap(({ name, parameters }) => {
			const named = firstNamed([parameters, ...attachedTo(context, name)], asked);
			return named === undefined ? [] : [{ name, named }];
		});
	const [first] = found;
	if (!first) return;
	const nodes = found.slice(0, NAMED).map(({ name, named }) => `"${name}" names "${named}"`);
	const more = found.length > NAMED ? ` (and ${found.length - NAMED} more)` : '';
	warn(
		context,
		`${nodes.join(', ')}${more}, which does not run when an answer comes from the cache: that expression is then empty or fails. Read the answer after Store instead, for example {{ $json.text }} in place of {{ $('${first.named}').item.json.text }}.`,
	);
}

function firstNamed(parameters: unknown, asked: Set<string>): string | undefined {
	for (const text of textsOf(parameters)) {
		const named = namesIn(text).find((name) => asked.has(name));
		if (named !== undefined) return named;
	}
	return undefined;
}

/** The parameters of a node's model, tools and other sub-nodes. */
function attachedTo(context: IExecuteFunctions, name: string): unknown[] {
	return Object.values(NodeConnectionTypes)
		.filter((kind) => kind !== NodeConnectionTypes.Main)
		.flatMap((connectionType) =>
			context.getParentNodes(name, { includeNodeParameters: true, connectionType, depth: 1 }),
		)
		.map(({ parameters }) => parameters);
}

/**
 * How many items Look Up treats: only the first where the AI node does, or every run would ask for one of those that it
 * leaves out.
 */
export function itemLimit(context: IExecuteFunctions, { between }: Downstream): number {
	const once = between.find((node) => runsOnce(context, node));
	if (!once || context.getInputData().length < 2) return Infinity;
	warn(
		context,
		`"${once.name}" is set to "Execute Once", so only the first item was looked up. For an answer to every item, turn that setting off.`,
	);
	return 1;
}

function runsOnce(context: IExecuteFunctions, { name, disabled }: NodeTypeAndVersion): boolean {
	return !disabled && internalsOf(context).workflow?.nodes?.[name]?.executeOnce === true;
}

/** Warn that the model should not be asked for what was missed: Look Up itself asks no model, and stops nobody who does. */
export async function warnOfBudget(context: IExecuteFunctions, outcomes: Outcome[]): Promise<void> {
	const [budget] = outcomes.flatMap((outcome) => usedUpBudget(outcome) ?? []);
	if (budget === undefined) return;
	warn(
		context,
		`${await usedUp(context, budget)}. The AI node behind Miss is asked all the same: to stop that, put an "If" node before it that lets through only what has no {{ $json._cache.over_budget }}.`,
	);
}

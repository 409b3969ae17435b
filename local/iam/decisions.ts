import type { Caller } from "../aws/caller";
import { givenValue, type GivenKeys, type RequestContext } from "./context";
import type { Verdict } from "./policy";

/** What the policies on both sides of a request say. */
export interface Evaluation {
  /** Of the caller's own policies. */
  readonly identity: Verdict;
  /** Of the resource's policy. */
  readonly resource: Verdict;
}

interface Decision {
  readonly resourcePolicy: object | undefined;
  /** The condition keys that the policies looked up, in lower case, with what the request gave for each. */
  readonly lookups: readonly (readonly [key: string, value: string | undefined])[];
  readonly evaluation: Evaluation;
}

/** A caller that asks about more than this, such as table names that do not exist, is forgotten and asked anew. */
const REMEMBERED_PER_CALLER = 1_000;

/**
 * Remembers what policies said: services ask the same few questions with every message. An answer holds for another
 * request of the same caller when everything is the same that the policies looked at. One that depends on the time is
 * not remembered.
 */
export class Decisions {
  private byCaller = new WeakMap<Caller, Map<string, Decision>>();

  find(
    caller: Caller,
    request: string,
    resourcePolicy: object | undefined,
    given: GivenKeys | undefined,
  ): Evaluation | undefined {
    const decision = this.byCaller.get(caller)?.get(request);
    if (decision === undefined || decision.resourcePolicy !== resourcePolicy) return undefined;
    for (const [key, value] of decision.lookups) if (givenValue(given, key) !== value) return undefined;
    return decision.evaluation;
  }

  keep(
    request: string,
    resourcePolicy: object | undefined,
    context: RequestContext,
    evaluation: Evaluation,
  ): void {
    if (context.askedForTime) return;
    let decisions = this.byCaller.get(context.caller);
    if (decisions === undefined || decisions.size >= REMEMBERED_PER_CALLER) {
      decisions = new Map();
      this.byCaller.set(context.caller, decisions);
    }
    decisions.set(request, { resourcePolicy, lookups: [...context.lookups], evaluation });
  }

  /** Call it when policies have changed. */
  clear(): void {
    this.byCaller = new WeakMap();
  }
}

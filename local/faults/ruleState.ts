import type { Caller } from "../aws/caller";
import { derivedSeed, seededRandom, type Random } from "./random";
import type { FaultRule } from "./rules";

/** What a rule looks at in a call. */
export interface Selectable {
  readonly operation: string;
  /** Undefined where callers are not told apart. */
  readonly caller?: Caller;
  /** The request as JSON, or what stands for it. */
  text(): string;
}

/** A rule of a plan at work. */
export class RuleState {
  /** Calls that it selected. */
  matched = 0;
  /** Calls that it made fail. */
  injected = 0;
  private readonly random: Random;

  /** @param index of the rule in its plan: each rule has numbers of its own, whatever other rules select */
  constructor(
    readonly rule: FaultRule,
    seed: number,
    index: number,
  ) {
    this.random = seededRandom(derivedSeed(seed, index));
  }

  /** Counts a call that it selects. @returns whether that one is to fail */
  takes(call: Selectable): boolean {
    if (!this.selects(call)) return false;
    const { skip = 0, count = Infinity, probability } = this.rule;
    const position = this.matched++ - skip;
    if (position < 0) return false;
    return probability === undefined ? position < count : this.random() < probability;
  }

  private selects(call: Selectable): boolean {
    const { operation, caller, resource, fault } = this.rule;
    if (operation === "*") {
      // A receive hides what it gave: a second one would not give it again.
      if (fault === "duplicate" && call.operation === "ReceiveMessage") return false;
    } else if (operation !== call.operation) return false;
    if (!isCaller(caller, call.caller)) return false;
    return resource === undefined || call.text().includes(resource);
  }
}

/** Operators' tools and the clients of tests look on: they see no faults unless a rule is about them. */
function isCaller(wanted: string | undefined, caller: Caller | undefined): boolean {
  if (caller?.type === "administrator") return wanted === "administrator";
  if (wanted === undefined) return true;
  if (caller === undefined) return false;
  return caller.type === "role"
    ? caller.roleArn.includes(wanted)
    : caller.service.includes(wanted) || caller.sourceArn.includes(wanted);
}

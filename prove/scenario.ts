import type { ConsumerFaults } from "./consumers";
import type { Mix } from "./orders";
import type { GraphChange } from "./recording";
import type { FaultRule } from "../local/faults/rules";
import type { ProofOutputs, World } from "./world";

/** What a scenario's faults may depend on. */
export interface FaultSource {
  /** From 0, below 1, by the seed. */
  readonly random: () => number;
  readonly outputs: ProofOutputs;
}

/** One way in which things go wrong, and what must come of it. */
export interface Scenario {
  readonly name: string;
  /** One sentence. */
  readonly story: string;
  /** How many orders, unless told otherwise. */
  readonly orders: number;
  /** The usual one when left out. */
  readonly mix?: Mix;
  /** How many messages that are no orders stand between the orders on the queue. */
  readonly poison?: number;
  /** What fails, from before the first post on. */
  readonly faults?: (source: FaultSource) => readonly FaultRule[];
  /** How the downstream services fail. */
  readonly consumers?: ConsumerFaults;
  /** Another setting of the product. */
  readonly graph?: GraphChange;
  /** Whether the stack runs in a process of its own, as `npm start` with a state folder: it can be killed. */
  readonly ownProcess?: true;
  /** Orders on their way to the API at once. */
  readonly concurrency?: number;
  /** The apps hold back while more orders than this wait to be stored. */
  readonly backlogMax?: number;
  /** How long an app waits for an answer. */
  readonly answerTimeoutMs?: number;
  /** Whether a minute of the run's clock passes each second while the orders come in: what takes seconds lasts. */
  readonly hurried?: true;
  /** What happens while the orders come in; told after each. @param orders how many there will be */
  readonly during?: (posted: number, world: World, orders: number) => void | Promise<void>;
  /** For how many minutes of the run's clock the faults last after the last post. */
  readonly lastsMinutes?: number;
  /** For how long the reconciler may need, in minutes of the run's clock; by default a few of its rounds. */
  readonly repairMinutes?: number;
  /** What must have been seen before anything was repaired: alarms by name, failure queues by their key. */
  readonly seen?: {
    readonly alarms?: readonly string[];
    readonly queues?: readonly string[];
    /** Whether each order that is not delivered must say what its last attempt failed of. */
    readonly lastErrors?: true;
  };
}

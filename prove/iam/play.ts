import type { Recording } from "../recording";
import { ExercisedStack } from "./exercisedStack";
import { exercise, type Check } from "./exercise";
import { Observation } from "./observation";
import { without, type Permission } from "./permissions";

/** How the exercise went with some permissions taken away. */
export interface Played {
  /** What the roles asked for, and of that, what was taken away. */
  readonly asked: ReadonlySet<Permission>;
  readonly denied: ReadonlySet<Permission>;
  /** Requests of roles that no permission of the program covers. */
  readonly foreign: ReadonlySet<string>;
  /** Absent when every check passed. */
  readonly failure?: Failure;
  /** What the slowest check took. */
  readonly slowestMs: number;
}

export interface Failure {
  /** The check's name, or {@link HOSTING}. */
  readonly check: string;
  readonly message: string;
}

/** Instead of a check, when the graph itself is refused. */
export const HOSTING = "hosting the stack";

/** Plays the exercise without some permissions. */
export type Play = (removed: readonly Permission[], patienceMs: number) => Promise<Played>;

/** On a local run of its own each time; checks are done in order, up to the first that fails. */
export function playOn(recording: Recording, permissions: readonly Permission[]): Play {
  return async (removed, patienceMs) => {
    const observation = new Observation(permissions);
    const { onDecision, asked, denied, foreign } = observation;
    const seen = { asked, denied, foreign };
    const graph = (origin: string) => recording.at(origin, (whole) => without(whole, removed));
    let stack: ExercisedStack;
    try {
      stack = await ExercisedStack.start({ graph, onDecision, patienceMs });
    } catch (error) {
      return { ...seen, slowestMs: 0, failure: { check: HOSTING, message: (error as Error).message } };
    }
    try {
      return { ...seen, ...(await runAll(exercise(stack))) };
    } finally {
      await stack.stop();
    }
  };
}

async function runAll(checks: readonly Check[]): Promise<Pick<Played, "failure" | "slowestMs">> {
  let slowestMs = 0;
  for (const { name, run } of checks) {
    const begun = performance.now();
    try {
      await run();
    } catch (error) {
      return { slowestMs, failure: { check: name, message: (error as Error).message } };
    }
    slowestMs = Math.max(slowestMs, performance.now() - begun);
  }
  return { slowestMs };
}

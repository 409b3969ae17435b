import type { Attempt, ExecutionStatus, StateVisit, VisitStatus } from "../../ops/history/model";
import { END, START, type Transition } from "./definition";

/** What the path needs to know of an execution. */
export interface PathExecution {
  readonly status: ExecutionStatus;
  readonly states: readonly PathVisit[];
}

type PathVisit = Pick<StateVisit, "name" | "status"> & {
  readonly attempts: readonly Pick<Attempt, "outcome">[];
};

/**
 * How a state fared at its last visit. `retried`: it succeeded after calls that failed. `retrying`: calls have failed,
 * and it is still under way.
 */
export type StateMark = VisitStatus | "retried" | "retrying" | "not visited";

/** The path that an execution took. */
export interface Path {
  markOf(state: string): StateMark;
  isTaken(transition: Transition): boolean;
}

/** Finds out which states and transitions an execution went through. Where its log has gaps, the path has too. */
export function pathOf({ status, states }: PathExecution): Path {
  const marks = new Map(states.map((visit) => [visit.name, markOf(visit)]));
  const steps = stepsOf(states, status);
  return {
    markOf: (state) => marks.get(state) ?? "not visited",
    isTaken: ({ from, to, kind }) =>
      steps.some((step) => step.from === from && step.to === to && step.caught === (kind === "catch")),
  };
}

function markOf({ status, attempts }: PathVisit): StateMark {
  const hasFailed = attempts.some(({ outcome }) => outcome === "failed" || outcome === "timed out");
  if (hasFailed && status === "succeeded") return "retried";
  return hasFailed && status === "waiting" ? "retrying" : status;
}

interface Step {
  readonly from: string;
  readonly to: string;
  readonly caught: boolean;
}

function stepsOf(states: PathExecution["states"], status: ExecutionStatus): Step[] {
  const first = states[0];
  const last = states.at(-1);
  if (!first || !last) return [];
  return [
    { from: START, to: first.name, caught: false },
    ...states.slice(1).map((visit, index) => {
      const before = states[index];
      return { from: before?.name ?? "", to: visit.name, caught: before?.status === "caught" };
    }),
    ...(status === "SUCCEEDED" ? [{ from: last.name, to: END, caught: false }] : []),
  ];
}

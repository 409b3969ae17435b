import { fork, type ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Recording } from "./recording";
import type { ScenarioResult } from "./runScenario";
import type { Assignment, Report } from "./worker";

/** A run keeps a core busy, and waits for time-outs now and then: one more than there are cores fills the gaps. */
const PROCESSES = availableParallelism() + 1;

/**
 * Plays scenarios in processes of their own, one after the other in each.
 *
 * @param onPosted told of orders as they come in
 * @param onResult told of each scenario as it ends
 * @throws Error of the first that could not be played; the signal's reason when it was aborted
 */
export async function playAll(
  assignments: readonly Assignment[],
  recording: Recording,
  {
    onPosted,
    onResult,
    signal,
  }: {
    readonly onPosted: (orders: number) => void;
    readonly onResult: (result: ScenarioResult) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const waiting = [...assignments];
  const processes: ChildProcess[] = [];
  // A process that hears no more of this one ends, and with it whatever it has started.
  const end = () => processes.forEach((child) => child.connected && child.disconnect());
  signal.addEventListener("abort", end);
  const playInTurn = async () => {
    const child = fork(resolve(__dirname, "../scripts/run.mjs"), ["prove/worker.ts"], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    processes.push(child);
    let json: string | undefined = recording.json;
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      onResult(await play(child, { ...next, ...(json !== undefined && { recording: json }) }, onPosted));
      json = undefined;
    }
  };
  try {
    const count = Math.min(PROCESSES, assignments.length);
    await Promise.all(Array.from({ length: count }, playInTurn));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}

function play(
  child: ChildProcess,
  assignment: Assignment,
  onPosted: (orders: number) => void,
): Promise<ScenarioResult> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      child.off("message", hear);
      child.off("exit", fail);
      act();
    };
    const fail = (code: number | null) =>
      settle(() =>
        reject(new Error(`${assignment.scenario}: its process ended with ${code ?? "a signal"}.`)),
      );
    const hear = (report: Report) => {
      if (report.type === "posted") return onPosted(report.orders);
      settle(() =>
        report.type === "done"
          ? resolve(report.result)
          : reject(new Error(`${assignment.scenario} (seed ${assignment.seed}): ${report.message}`)),
      );
    };
    child.on("message", hear);
    child.on("exit", fail);
    child.send(assignment);
  });
}

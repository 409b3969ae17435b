import { parentPort, workerData } from "node:worker_threads";
import { recordInProcess } from "./inProcess";
import type { ThreadAnswer, ThreadRecordOptions } from "./recordInThread";

/** The thread's side of `recordInThread`. */
async function answer(): Promise<ThreadAnswer> {
  try {
    return { recorded: await recordInProcess(workerData as ThreadRecordOptions) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

void answer().then((result) => parentPort?.postMessage(result));

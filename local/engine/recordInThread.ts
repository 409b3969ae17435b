import { Worker } from "node:worker_threads";
import type { Recorded } from "./recorded";
import type { RecordOptions } from "./recordOptions";

/** What can be passed to a thread: everything but functions. */
export type ThreadRecordOptions = Omit<RecordOptions, "decrypt">;

export interface ThreadOptions {
  /** Where to write what the program prints; this process's own streams when absent. */
  readonly output?: NodeJS.WritableStream;
  /** Ends the program when aborted. */
  readonly signal?: AbortSignal;
}

/** How the thread answers. */
export type ThreadAnswer = { readonly recorded: Recorded } | { readonly error: string };

/** Loads TypeScript as this project's programs are loaded, then records. */
const THREAD = `
  require("tsx/cjs/api").register();
  require(${JSON.stringify(require.resolve("./recordThread"))});
`;

/**
 * Records a program as `recordInProcess` does, in a thread that ends afterwards and takes Pulumi's memory with it. What
 * the program leaves behind, a failed promise too, stays in the thread; one that ends its process ends the thread.
 *
 * @throws Error with the message of what `recordInProcess` throws; the signal's reason when it is aborted
 */
export async function recordInThread(
  options: ThreadRecordOptions,
  { output, signal }: ThreadOptions = {},
): Promise<Recorded> {
  signal?.throwIfAborted();
  const elsewhere = output !== undefined;
  const thread = new Worker(THREAD, {
    eval: true,
    workerData: options,
    stdout: elsewhere,
    stderr: elsewhere,
  });
  if (elsewhere) for (const stream of [thread.stdout, thread.stderr]) stream.pipe(output, { end: false });
  const abort = () => void thread.terminate();
  signal?.addEventListener("abort", abort);
  try {
    return await answerOf(thread);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
    void thread.terminate();
  }
}

function answerOf(thread: Worker): Promise<Recorded> {
  return new Promise((resolve, reject) => {
    thread.once("message", (answer: ThreadAnswer) => {
      if ("recorded" in answer) resolve(answer.recorded);
      else reject(new Error(answer.error));
    });
    thread.once("error", reject);
    thread.once("exit", (code) =>
      reject(new Error(`The program ended its process with ${code}, before it was done.`)),
    );
  });
}

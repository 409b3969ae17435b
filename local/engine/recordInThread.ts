import { Worker } from "node:worker_threads";
import type { Recorded } from "./recorded";
import type { RecordOptions } from "./recordOptions";

/** What can be passed to a thread: everything but functions. */
export type ThreadRecordOptions = Omit<RecordOptions, "decrypt">;

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
 * @param output where to write what the program prints; this process's own streams when absent
 * @throws Error with the message of what `recordInProcess` throws
 */
export function recordInThread(
  options: ThreadRecordOptions,
  output?: NodeJS.WritableStream,
): Promise<Recorded> {
  return new Promise((resolve, reject) => {
    const elsewhere = output !== undefined;
    const thread = new Worker(THREAD, {
      eval: true,
      workerData: options,
      stdout: elsewhere,
      stderr: elsewhere,
    });
    if (elsewhere) for (const stream of [thread.stdout, thread.stderr]) stream.pipe(output, { end: false });
    thread.once("message", (answer: ThreadAnswer) => {
      if ("recorded" in answer) resolve(answer.recorded);
      else reject(new Error(answer.error));
      void thread.terminate();
    });
    thread.once("error", reject);
    thread.once("exit", (code) =>
      reject(new Error(`The program ended its process with ${code}, before it was done.`)),
    );
  });
}

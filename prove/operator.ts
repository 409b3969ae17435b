import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { readFailures } from "../ops/failures";
import type { FailedMessage } from "../ops/failures/failedMessage";
import { opsCommand } from "../ops/opsCommand";
import { localStack, type Stack } from "../ops/target";
import { TextSink } from "../tools/textSink";
import type { World } from "./world";

/** Messages that one look takes from a queue. */
const LIMIT = 100_000;

/** Where a command waits for messages that do not come, the run's time goes faster. */
const HURRY_MS = 20;
const HURRY_BY_MS = 200;

const redriveAnswer = z.object({
  result: z.object({ done: z.number(), failed: z.array(z.object({ error: z.string() })) }).optional(),
});

/** An operator, with the project's own commands. */
export class Operator {
  private readonly stack: Stack;
  private readonly folder = mkdtempSync(join(tmpdir(), "prove-"));

  constructor(private readonly world: World) {
    this.stack = localStack(world.outputs);
  }

  /** `ops failures`: every message in the dead-letter and failure queues, with its reason. */
  async failures(): Promise<FailedMessage[]> {
    const { signal } = new AbortController();
    const queues = await this.hurrying(() =>
      readFailures(this.stack, { limit: LIMIT, thorough: true, signal }),
    );
    return queues.flatMap(({ messages }) => messages);
  }

  /**
   * `ops redrive QUEUE --yes`, of each queue.
   *
   * @returns how many messages were sent on their way
   * @throws Error when a step failed
   */
  async redriveAll(): Promise<number> {
    let done = 0;
    for (const [queue, url] of Object.entries(this.world.outputs.deadLetterQueueUrls)) {
      if ((await this.depth(url)) === 0) continue;
      const audit = join(this.folder, "audit.jsonl");
      const rate = "500";
      const answer = await this.hurrying(() =>
        this.ops([
          "redrive",
          queue,
          "--yes",
          "--json",
          "--rate",
          rate,
          "--limit",
          String(LIMIT),
          "--audit",
          audit,
        ]),
      );
      const { result } = redriveAnswer.parse(JSON.parse(answer));
      if (result?.failed[0]) throw new Error(`ops redrive ${queue}: ${result.failed[0].error}`);
      done += result?.done ?? 0;
    }
    return done;
  }

  /** `ops history`: what is known of an order, as text. */
  history(orderId: string): Promise<string> {
    return this.hurrying(() => this.ops(["history", orderId, "--search-seconds", "5"]));
  }

  close(): void {
    this.stack.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async depth(QueueUrl: string): Promise<number> {
    const name = "ApproximateNumberOfMessages";
    const answer = await this.world.call("sqs", "GetQueueAttributes", { QueueUrl, AttributeNames: [name] });
    return Number((answer["Attributes"] as Record<string, string>)[name]);
  }

  private async ops(argv: readonly string[]): Promise<string> {
    const [stdout, stderr] = [new TextSink(), new TextSink()];
    const { signal } = new AbortController();
    const terminal = { stdout, stderr, env: {}, projectRoot: this.folder, signal };
    // A stack of its own, which the command closes.
    await opsCommand(argv, terminal, () => Promise.resolve(localStack(this.world.outputs)));
    return stdout.text === "" ? stderr.text : stdout.text;
  }

  private async hurrying<T>(work: () => Promise<T>): Promise<T> {
    const hurry = setInterval(() => void this.world.advance(HURRY_BY_MS), HURRY_MS);
    try {
      return await work();
    } finally {
      clearInterval(hurry);
    }
  }
}

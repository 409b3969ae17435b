import { isAccessDenied } from "../../ops/awsErrors";
import { readAlarms, readOldestAges, type Alarm } from "../../ops/status";
import type { Stack } from "../../ops/target";
import { NOT_PERMITTED } from "./failuresView";

/** CloudWatch has new figures once a minute, and each request for them has its price. */
const READ_AGAIN_MS = { deployed: 30_000, local: 1_000 };

interface Figures {
  /** By the queue's URL, in seconds. */
  readonly ages: ReadonlyMap<string, number>;
  /** Undefined when they cannot be read. */
  readonly alarms: readonly Alarm[] | undefined;
  /** What could not be read, and why. */
  readonly unread: readonly string[];
}

/** What CloudWatch knows. A page shows the rest without it. */
export class SlowFigures {
  #figures: Figures | undefined;
  #readAt = 0;

  constructor(private readonly stack: Stack) {}

  async read(): Promise<Figures> {
    const againMs = this.stack.endpoint === undefined ? READ_AGAIN_MS.deployed : READ_AGAIN_MS.local;
    if (this.#figures && Date.now() - this.#readAt < againMs) return this.#figures;
    const [ages, alarms] = await Promise.allSettled([readOldestAges(this.stack), readAlarms(this.stack)]);
    this.#readAt = Date.now();
    return (this.#figures = {
      ages: ages.status === "fulfilled" ? ages.value : new Map<string, number>(),
      alarms: alarms.status === "fulfilled" ? alarms.value : undefined,
      unread: [
        ...(ages.status === "rejected" ? [`The ages of messages: ${reasonOf(ages.reason)}.`] : []),
        ...(alarms.status === "rejected" ? [`The alarms: ${reasonOf(alarms.reason)}.`] : []),
      ],
    });
  }
}

function reasonOf(error: unknown): string {
  if (isAccessDenied(error)) return NOT_PERMITTED;
  return error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
}

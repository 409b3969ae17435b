import { failureQueuesOf } from "../../ops/queues";
import { readDepths, readUndelivered } from "../../ops/status";
import type { Stack } from "../../ops/target";
import type { HealthView, Summary } from "../api";
import { hopsOf } from "./hops";
import { SlowFigures } from "./slowFigures";
import type { ViewReader } from "./viewReader";

const PAUSE_MS = 1_000;

/** Reads how each hop is doing. */
export class HealthReader implements ViewReader<HealthView> {
  readonly #slow: SlowFigures;

  constructor(private readonly stack: Stack) {
    this.#slow = new SlowFigures(stack);
  }

  async read(): Promise<HealthView> {
    const [depths, undelivered, { ages, alarms, unread }] = await Promise.all([
      readDepths(this.stack),
      readUndelivered(this.stack),
      this.#slow.read(),
    ]);
    const queues = depths.map((depth) => ({ ...depth, oldestSeconds: ages.get(depth.url) }));
    const { hops, otherAlarms } = hopsOf(queues, undelivered, alarms ?? []);
    return { hops, otherAlarms: alarms && otherAlarms, unread };
  }

  pauseMs(): number {
    return PAUSE_MS;
  }
}

/** Reads what stands above every page. */
export class SummaryReader implements ViewReader<Summary> {
  readonly #slow: SlowFigures;

  constructor(private readonly stack: Stack) {
    this.#slow = new SlowFigures(stack);
  }

  async read(): Promise<Summary> {
    const failing = new Set(failureQueuesOf(this.stack).map(({ url }) => url));
    const [depths, undelivered, { alarms }] = await Promise.all([
      readDepths(this.stack),
      readUndelivered(this.stack),
      this.#slow.read(),
    ]);
    return {
      stack: this.stack.name,
      undelivered,
      failedMessages: depths
        .filter(({ url }) => failing.has(url))
        .reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0),
      alarms: alarms?.length,
    };
  }

  pauseMs(): number {
    return PAUSE_MS;
  }
}

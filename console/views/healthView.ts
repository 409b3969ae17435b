import { failureQueuesOf, readDepth } from "../../ops/queues";
import { readAlarms, readDepths, readOldestAges, readUndelivered, type Alarm } from "../../ops/status";
import type { Stack } from "../../ops/target";
import type { HealthView, Summary } from "../api";
import { hopsOf } from "./hops";
import { SlowFigure } from "./slowFigure";
import { figuresPauseMs, type ViewReader } from "./viewReader";

/** Reads how each hop is doing. */
export class HealthReader implements ViewReader<HealthView> {
  readonly #ages: SlowFigure<ReadonlyMap<string, number>>;
  readonly #alarms: SlowFigure<readonly Alarm[]>;

  constructor(private readonly stack: Stack) {
    this.#ages = new SlowFigure(stack, readOldestAges);
    this.#alarms = new SlowFigure(stack, readAlarms);
  }

  async read(): Promise<HealthView> {
    const [depths, undelivered, ages, alarms] = await Promise.all([
      readDepths(this.stack),
      readUndelivered(this.stack),
      this.#ages.read(),
      this.#alarms.read(),
    ]);
    const queues = depths.map((depth) => ({ ...depth, oldestSeconds: ages.figure?.get(depth.url) }));
    const { hops, otherAlarms } = hopsOf(queues, undelivered, alarms.figure ?? []);
    return {
      hops,
      otherAlarms: alarms.figure && otherAlarms,
      unread: [
        ...(ages.unread === undefined ? [] : [`The ages of messages: ${ages.unread}.`]),
        ...(alarms.unread === undefined ? [] : [`The alarms: ${alarms.unread}.`]),
      ],
    };
  }

  pauseMs(): number {
    return figuresPauseMs(this.stack);
  }
}

/** Reads what stands above every page. */
export class SummaryReader implements ViewReader<Summary> {
  readonly #alarms: SlowFigure<readonly Alarm[]>;

  constructor(private readonly stack: Stack) {
    this.#alarms = new SlowFigure(stack, readAlarms);
  }

  async read(): Promise<Summary> {
    const [depths, undelivered, alarms] = await Promise.all([
      Promise.all(failureQueuesOf(this.stack).map((queue) => readDepth(this.stack, queue))),
      readUndelivered(this.stack),
      this.#alarms.read(),
    ]);
    return {
      stack: this.stack.name,
      undelivered,
      failedMessages: depths.reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0),
      alarms: alarms.figure?.length,
    };
  }

  pauseMs(): number {
    return figuresPauseMs(this.stack);
  }
}

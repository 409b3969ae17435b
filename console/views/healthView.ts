import { failureQueuesOf, type QueueDepth } from "../../ops/queues";
import { readDepths, readUndelivered, type Undelivered } from "../../ops/status";
import type { Stack } from "../../ops/target";
import type { HealthView, HopHealth, QueueHealth, Summary } from "../api";
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
    const queues = depths.map((depth) => queueHealth(depth, ages));
    return { hops: hopsOf(queues, undelivered), alarms, unread };
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

type NamedQueue = QueueHealth & Pick<QueueDepth, "role">;

function queueHealth(
  { name, role, url, visible, inFlight, delayed }: QueueDepth,
  ages: ReadonlyMap<string, number>,
): NamedQueue {
  return { name, role, visible, inFlight, delayed, oldestSeconds: ages.get(url) };
}

/** The hops that have something to count; those between them work from one to the next without keeping anything. */
function hopsOf(queues: readonly NamedQueue[], undelivered: Undelivered): HopHealth[] {
  const failures = (name: string) =>
    queues.filter((queue) => queue.role === "failure" && queue.name === name);
  const orders = queues.filter(({ role }) => role === "orders");
  const downstream = queues.filter(({ role }) => role === "downstream");
  const named = new Set(["orders", "deliveryStarts", ...downstream.map(({ name }) => name)]);
  return [
    {
      name: "Store",
      does: "Accepted orders wait in the order queue until the order function has put them in the table.",
      queues: orders,
      failureQueues: failures("orders"),
    },
    {
      name: "Start",
      does: "The table's stream starts a delivery for each placed order.",
      queues: [],
      failureQueues: failures("deliveryStarts"),
    },
    {
      name: "Deliver",
      does: "The workflow publishes each order and records that it did.",
      queues: [],
      failureQueues: queues.filter(({ role, name }) => role === "failure" && !named.has(name)),
      undelivered,
    },
    {
      name: "Receive",
      does: "Published orders wait for the downstream services.",
      queues: downstream,
      failureQueues: downstream.flatMap(({ name }) => failures(name)),
    },
  ];
}

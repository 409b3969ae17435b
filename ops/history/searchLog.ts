import type { PlacedOrder } from "../../contracts/orderRecord";
import type { Stack } from "../target";
import { LONGEST_EXECUTION_MS } from "./executions";
import type { ExecutionEvent } from "./logEvent";
import { readExecutionEvents, type LogSearch, type LogWindow } from "./readLog";

/** The clocks of AWS's services differ by less, and mostly by much less. */
const CLOCK_SKEW_MS = { most: 60_000, usual: 2_000 };

/** How late an event may be in the log and still be found by a reader that looks again. */
const LOG_DELAY_MS = 30_000;

/** What was found of an order's id before: a reader that looks again searches only where something may be new. */
export class LogMemory {
  readonly #events = new Map<string, ExecutionEvent>();
  /** Until when everything has been searched, by customer: milliseconds since the epoch. */
  readonly searchedUntil = new Map<string, number>();

  get events(): readonly ExecutionEvent[] {
    return [...this.#events.values()];
  }

  add(events: readonly ExecutionEvent[]): void {
    for (const event of events) this.#events.set(`${event.executionArn} ${event.id}`, event);
  }
}

export interface LogSearchOptions {
  /** For how long to search: milliseconds. */
  readonly searchMs: number;
  /** Searches only where the order's executions most likely are: quick, for a first look. */
  readonly nearby?: boolean | undefined;
  readonly memory?: LogMemory | undefined;
}

/**
 * Finds the events of an order's executions.
 *
 * @returns with the window that was searched
 */
export async function searchLog(
  stack: Stack,
  order: PlacedOrder,
  { searchMs, nearby, memory = new LogMemory() }: LogSearchOptions,
): Promise<LogSearch & { readonly window: LogWindow }> {
  const { near, whole } = logWindows(order);
  const search = async (window: LogWindow): Promise<boolean> => {
    if (window.endAt !== undefined && window.startAt >= window.endAt) return true;
    const { events, complete } = await readExecutionEvents(stack, order.orderId, window, searchMs);
    memory.add(events);
    return complete;
  };
  const searchedUntil = memory.searchedUntil.get(order.customerId);
  // First, so that a log which is too big to be searched in time shows the most likely too.
  let complete = searchedUntil !== undefined || (await search(near));
  if (!nearby) {
    const now = Date.now();
    const newSince = searchedUntil === undefined ? whole.startAt : searchedUntil - LOG_DELAY_MS;
    complete = await search({ ...whole, startAt: Math.max(whole.startAt, newSince) });
    if (complete) memory.searchedUntil.set(order.customerId, now);
  }
  return { events: memory.events, complete, window: nearby ? near : whole };
}

/**
 * Where in the log an order's executions are. Near: until it was delivered, or its first execution must be over. The
 * whole: until the last execution of a delivered order must be over.
 */
function logWindows({ placedAt, delivery: { deliveredAt } }: PlacedOrder): {
  readonly near: LogWindow;
  readonly whole: LogWindow;
} {
  const placed = Date.parse(placedAt);
  const delivered = deliveredAt === undefined ? undefined : Date.parse(deliveredAt);
  const nearEnd = delivered === undefined ? placed + LONGEST_EXECUTION_MS : delivered + CLOCK_SKEW_MS.usual;
  return {
    near: { startAt: placed - CLOCK_SKEW_MS.usual, endAt: nearEnd },
    whole: {
      startAt: placed - CLOCK_SKEW_MS.most,
      ...(delivered !== undefined && { endAt: delivered + LONGEST_EXECUTION_MS + CLOCK_SKEW_MS.most }),
    },
  };
}

import type { OrderApiError } from "./orderClient";
import type { OrderOutcome } from "./replayOrders";

/** How many orders there were of a kind, and how many of them for each reason. */
export interface Reasons {
  readonly count: number;
  readonly reasons: Readonly<Record<string, number>>;
}

/** What a replay came to: the JSON that `--json` prints. */
export interface ReplaySummary {
  /** In the file. */
  readonly orders: number;
  readonly accepted: number;
  readonly delivered: number;
  /** Not valid, the API said; nothing was stored. */
  readonly refused: Reasons;
  /** Accepted, but found to break the contract afterwards. */
  readonly rejected: Reasons;
  /** Accepted, but the service has given up the delivery. */
  readonly failed: Reasons;
  /** Accepted, but the id belongs to an order with other content. */
  readonly conflicting: number;
  /** Accepted, but not delivered within the timeout. */
  readonly late: number;
  /** Answered with an error that retries did not mend, or not at all. */
  readonly errors: Reasons;
  /** Not posted, or not followed to the end: the replay was stopped. */
  readonly unfinished: number;
  readonly seconds: number;
  /** From an order's acceptance to its delivery, by the service's clock; the first time, where a file is sent again. */
  readonly deliveryMs: { readonly p50: number; readonly p99: number; readonly max: number } | null;
}

/** Counts the outcomes of a replay as they come. */
export class ReplayTally {
  accepted = 0;
  #settled = 0;
  #late = 0;
  #conflicting = 0;
  readonly #refused = new ReasonCounter();
  readonly #rejected = new ReasonCounter();
  readonly #failed = new ReasonCounter();
  readonly #errors = new ReasonCounter();
  readonly #deliveryMs: number[] = [];
  readonly #start = performance.now();

  /** @param orders how many there are to come */
  constructor(private readonly orders: number) {}

  /** Orders whose outcome is known. */
  get settled(): number {
    return this.#settled;
  }

  get delivered(): number {
    return this.#deliveryMs.length;
  }

  get refused(): number {
    return this.#refused.count;
  }

  add(outcome: OrderOutcome): void {
    this.#settled++;
    switch (outcome.outcome) {
      case "delivered": {
        const { placedAt, delivery } = outcome.order;
        this.#deliveryMs.push(Date.parse(delivery.deliveredAt ?? placedAt) - Date.parse(placedAt));
        return;
      }
      case "late":
        this.#late++;
        return;
      case "conflicting":
        this.#conflicting++;
        return;
      case "rejected":
        return this.#rejected.add(outcome.order.reasons.join("; "));
      case "failed":
        return this.#failed.add(outcome.order.delivery.lastError ?? "no reason given");
      case "refused":
        return this.#refused.add(errorReason(outcome.error));
      case "error":
        return this.#errors.add(errorReason(outcome.error));
    }
  }

  summary(): ReplaySummary {
    return {
      orders: this.orders,
      accepted: this.accepted,
      delivered: this.delivered,
      refused: this.#refused.toReasons(),
      rejected: this.#rejected.toReasons(),
      failed: this.#failed.toReasons(),
      conflicting: this.#conflicting,
      late: this.#late,
      errors: this.#errors.toReasons(),
      unfinished: this.orders - this.#settled,
      seconds: Math.round(performance.now() - this.#start) / 1_000,
      deliveryMs: percentiles(this.#deliveryMs),
    };
  }
}

class ReasonCounter {
  count = 0;
  readonly #reasons = new Map<string, number>();

  add(reason: string): void {
    this.count++;
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }

  /** The most frequent reason first. */
  toReasons(): Reasons {
    const byFrequency = [...this.#reasons].sort(([, a], [, b]) => b - a);
    return { count: this.count, reasons: Object.fromEntries(byFrequency) };
  }
}

function errorReason({ status, message, detail }: OrderApiError): string {
  return [status, detail === undefined ? message : `${message}: ${withoutValues(detail)}`].join(" ").trim();
}

/**
 * The gateway's findings without the values that were found, each once, so that orders with the same faults have the same
 * reason: `[a is too low (minimum: 1, found: -3), a is too low (minimum: 1, found: -7)]` is `a is too low (minimum: 1)`.
 */
function withoutValues(detail: string): string {
  const findings = detail.replace(/^\[(.*)\]$/s, "$1").replaceAll(/, found: [^,)\s]+/g, "");
  return [...new Set(findings.split(", "))].join(", ");
}

function percentiles(values: readonly number[]): ReplaySummary["deliveryMs"] {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

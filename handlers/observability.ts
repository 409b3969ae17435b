import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";

/** Structured JSON logs. Pass ids with each call: records of a batch run side by side and must not share keys. */
export const logger = new Logger();

const metrics = new Metrics();

/** The metrics that the functions count, in the namespace that their component sets. */
export type CounterName =
  | "OrdersPlaced"
  | "OrdersRejected"
  | "OrdersDuplicate"
  | "OrdersConflicting"
  | "MessagesUnreadable"
  | "DeliveriesStarted"
  | "DeliveriesReconciled"
  | "DeliveriesGivenUp";

/** What the reconciler measures: how many orders are undelivered for too long, and for how long the oldest (seconds). */
export type GaugeName = "UndeliveredOrders" | "OldestUndeliveredAge";

/** Adds to a metric; published with the rest of the invocation's. */
export function count(name: CounterName, times = 1): void {
  metrics.addMetric(name, MetricUnit.Count, times);
}

export function gauge(name: GaugeName, unit: "Count" | "Seconds", value: number): void {
  metrics.addMetric(name, MetricUnit[unit], value);
}

/** Runs one invocation, and publishes its metrics as one embedded-metrics log line whether it succeeds or not. */
export async function withMetrics<T>(invocation: () => Promise<T>): Promise<T> {
  try {
    return await invocation();
  } finally {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  }
}

/** What may be logged of an error: its name and message, never its fields, which may quote an order. */
export function errorForLog(error: unknown): { readonly error: string; readonly reason: string } {
  if (!(error instanceof Error)) return { error: typeof error, reason: "not an Error" };
  // The message of JSON.parse quotes the text.
  return { error: error.name, reason: error instanceof SyntaxError ? "not JSON" : error.message };
}

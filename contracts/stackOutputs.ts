import * as z from "zod";

const named = z.string().min(1);
const byService = z
  .record(z.string(), named)
  .refine((services) => Object.keys(services).length > 0, "is empty");

/** The failure queues that every stack has, by their keys in `deadLetterQueueUrls`; the others are downstream services'. */
export const HOP_FAILURE_QUEUES = [
  /** Messages of the order queue that the order function could not store. */
  "orders",
  /** What of the stream could not be started. */
  "deliveryStarts",
  /** Orders that the reconciler gave up. */
  "deliveryFailures",
  /** Runs of the reconciler that failed. */
  "reconciliations",
  /** Runs of the reconciler that its schedule could not begin. */
  "reconciliationSchedule",
] as const;

/** What every stack of the order service tells the outside: one output at least for each hop of an order. */
export const stackOutputs = z.object({
  apiUrl: z.url(),
  ordersQueueUrl: z.url(),
  ordersTableName: named,
  stateMachineArn: named,
  workflowLogGroup: named,
  orderEventsTopicArn: named,
  downstreamQueueUrls: byService,
  deadLetterQueueUrls: byService.refine(
    (queues) => HOP_FAILURE_QUEUES.every((name) => queues[name] !== undefined),
    "misses those of the hops",
  ),
  userPoolId: named,
});

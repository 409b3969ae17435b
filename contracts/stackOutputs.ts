import * as z from "zod";

const named = z.string().min(1);
const byService = z
  .record(z.string(), named)
  .refine((services) => Object.keys(services).length > 0, "is empty");

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
    ({ orders, deliveryStarts }) => orders !== undefined && deliveryStarts !== undefined,
    "misses those of the hops",
  ),
  userPoolId: named,
});

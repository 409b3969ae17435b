import * as z from "zod";
import { UUID_PATTERN } from "./order";

/** A message of the delivery-failures queue: an order that the reconciler gave up. Holds nothing personal. */
export const deliveryFailure = z.object({
  customerId: z.string().min(1),
  orderId: z.string().regex(UUID_PATTERN),
  /** ISO 8601, UTC. */
  placedAt: z.iso.datetime(),
  failedAt: z.iso.datetime(),
  /** How many executions ended, and how often the reconciler had started one. */
  attempts: z.int().min(0),
  reconciliations: z.int().min(0),
  /** Of the last execution that ended; absent when none did. */
  lastError: z.string().optional(),
});

export type DeliveryFailure = z.infer<typeof deliveryFailure>;

import * as z from "zod";
import { order, UUID_PATTERN } from "./order";
import { DELIVERY_STATUS, ORDER_STATUS } from "./orderRecord";

/*
 * The answers of the HTTP API, as a client reads them. A field that an answer gains later is no error to a client that
 * does not know it yet; what is here never goes away.
 */

/** 202 of `POST /orders`: the order is on the queue. */
export const acceptedAnswer = z.object({ status: z.literal("ACCEPTED"), requestId: z.string() });

export type AcceptedAnswer = z.infer<typeof acceptedAnswer>;

const delivery = z.object({
  status: z.enum(DELIVERY_STATUS),
  /** How many times the delivery was tried and ended, with success or without. */
  attempts: z.int().min(0),
  deliveredAt: z.iso.datetime().optional(),
  /** Of the published event. */
  messageId: z.string().optional(),
  /** Of the last attempt that failed. */
  lastError: z.string().optional(),
});

const stored = { orderId: z.string().regex(UUID_PATTERN), placedAt: z.iso.datetime() };

/** 200 of `GET /orders/{orderId}`, and one element of the list. */
export const orderAnswer = z.discriminatedUnion("status", [
  z.object({ ...stored, status: z.literal(ORDER_STATUS.placed), delivery, order }),
  z.object({
    ...stored,
    status: z.literal(ORDER_STATUS.rejected),
    reasons: z.array(z.string()).min(1),
    /** What the client posted; it breaks the contract. */
    order: z.unknown(),
  }),
]);

export type OrderAnswer = z.infer<typeof orderAnswer>;

/** 200 of `GET /orders`: a page of the caller's own orders, by descending id. */
export const orderPage = z.object({
  orders: z.array(orderAnswer),
  /** Of the next page; there is none after the last. */
  nextToken: z.string().optional(),
});

export type OrderPage = z.infer<typeof orderPage>;

/** Any 4xx or 5xx. */
export const errorAnswer = z.object({
  message: z.string(),
  /** What the gateway found wrong with the request, in its own words. */
  detail: z.string().optional(),
  /** To give to the service's operators. */
  requestId: z.string().optional(),
});

export type ErrorAnswer = z.infer<typeof errorAnswer>;

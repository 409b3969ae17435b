/**
 * Attributes of a message on the order queue, set by the API beside the body that the client posted.
 * `customerId` is required: without it there is nobody the order could belong to.
 */
export const ORDER_MESSAGE_ATTRIBUTES = {
  /** The token's `sub`. */
  customerId: "customerId",
  /** The API's request id, for the logs. */
  requestId: "requestId",
  /** When the API accepted the order, in milliseconds since the epoch: survives a redrive, unlike the queue's own time. */
  acceptedAt: "acceptedAt",
} as const;

/** What the order queue takes, in bytes of body and attributes together: a larger order is answered with 413. */
export const ORDER_MESSAGE_BYTES_MAX = 131_072;

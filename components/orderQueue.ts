import * as pulumi from "@pulumi/pulumi";
import { ORDER_MESSAGE_BYTES_MAX } from "../contracts/orderMessage";
import type { AlarmTopic } from "./alarmTopic";
import { DeadLetteredQueue } from "./deadLetteredQueue";
import type { EncryptionKey } from "./encryptionKey";

/** How often an order is received before it is given up: outlasts a throttled table for minutes. */
export const ORDER_QUEUE_RECEIVES = 10;

/** Of the function that stores orders; the queue's visibility timeout follows from it. */
export const ORDER_FUNCTION_TIMEOUT_SECONDS = 10;

/** Six times the function's timeout, as Lambda asks for (Lambda Developer Guide, SQS event sources). */
const VISIBILITY_TIMEOUT_SECONDS = 6 * ORDER_FUNCTION_TIMEOUT_SECONDS;

/** Shorter than a failure queue's retention, which counts from the first enqueue. */
export const QUEUE_RETENTION_SECONDS = 4 * 24 * 3_600;

/**
 * How long an order may wait. A message that fails leaves the metric at its third receive (SQS Developer Guide,
 * CloudWatch metrics), so that what is older waits for a turn.
 */
const AGE_ALARM_SECONDS = 5 * VISIBILITY_TIMEOUT_SECONDS;

export interface OrderQueueArgs {
  readonly key: EncryptionKey;
  readonly protect: boolean;
  readonly alarms: AlarmTopic;
}

/** Hop 2: holds accepted orders until they are stored, however many come at once. */
export class OrderQueue extends pulumi.ComponentResource {
  readonly queue: DeadLetteredQueue;

  constructor(name: string, args: OrderQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:OrderQueue", name, {}, opts);
    this.queue = new DeadLetteredQueue(
      name,
      {
        key: args.key,
        protect: args.protect,
        alarms: args.alarms,
        visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS,
        messageRetentionSeconds: QUEUE_RETENTION_SECONDS,
        maxMessageSize: ORDER_MESSAGE_BYTES_MAX,
        maxReceiveCount: ORDER_QUEUE_RECEIVES,
        maxAgeSeconds: AGE_ALARM_SECONDS,
        ageAlarm: {
          meaning: "Accepted orders wait for minutes to be stored: fewer are stored than come in.",
          runbook: "order-queue-falls-behind",
        },
      },
      { parent: this },
    );
    this.registerOutputs({ url: this.queue.url });
  }
}

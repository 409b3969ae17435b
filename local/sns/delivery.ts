import type { AwsApi, AwsDocument } from "../aws/api";
import { parseArn } from "../aws/arn";
import { AwsError } from "../aws/error";
import type { Cancel, Clock } from "../clock";
import { type PendingDelivery, type PendingDeliveries } from "./pendingDeliveries";
import type { Publication } from "./publication";
import type { Subscription, Topic, Topics } from "./topics";

/**
 * The delay before each retry of a delivery to SQS, in milliseconds (SNS Developer Guide, "Message delivery retries",
 * AWS managed endpoints): 3 at once, 2 after 1 s, 10 with a backoff from 1 s to 20 s, 100,000 after 20 s each.
 *
 * @param retry from 1
 * @returns `undefined` when SNS gives up
 */
export function retryDelayMs(retry: number): number | undefined {
  if (retry <= 3) return 0;
  if (retry <= 5) return 1000;
  if (retry <= 15) return Math.round(1000 * 20 ** ((retry - 6) / 9));
  return retry <= 100_015 ? 20_000 : undefined;
}

/**
 * Brings a topic's messages to the queues that subscribe to it.
 *
 * Each queue is tried once before Publish is answered: what Publish has accepted is on the queues, on a dead-letter
 * queue, or in the store to be tried again, so a killed run loses nothing. A refusal by the queue (a client error) is
 * not tried again; a failure of the queue is, with SNS's backoff.
 */
export class Delivery {
  private readonly scheduled = new Map<number, Cancel>();
  private readonly running = new Set<Promise<void>>();
  private stopped = false;

  constructor(
    private readonly sqs: AwsApi,
    private readonly clock: Clock,
    private readonly topics: Topics,
    private readonly pending: PendingDeliveries,
  ) {}

  /** Resolves once the message has been tried on every subscription. */
  async deliver(topic: Topic, publication: Publication): Promise<void> {
    const passes = ({ filter }: Subscription) =>
      !filter || filter(publication.message, publication.attributes);
    const receivers = topic.subscriptions.filter(passes);
    topic.metrics.NumberOfMessagesPublished.add();
    const filteredOut = topic.subscriptions.length - receivers.length;
    if (filteredOut > 0) topic.metrics.NumberOfNotificationsFilteredOut.add(filteredOut);
    await Promise.all(
      receivers.map((receiver) => this.attempt(topic, receiver, this.notification(receiver, publication))),
    );
  }

  /** Goes on with what an earlier run could not deliver yet. */
  resume(): void {
    for (const delivery of this.pending.all()) this.schedule(delivery);
  }

  /** Resolves when no retry runs any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const cancel of this.scheduled.values()) cancel();
    this.scheduled.clear();
    await Promise.all(this.running);
  }

  private async attempt(topic: Topic, subscription: Subscription, notification: AwsDocument): Promise<void> {
    const outcome = await this.send(topic, subscription.queueUrl, notification);
    if (outcome === "delivered") topic.metrics.NumberOfNotificationsDelivered.add();
    else if (outcome === "refused") await this.giveUp(topic, subscription, notification);
    else this.schedule(this.pending.add(subscription.arn, notification, this.clock.now()));
  }

  private async retry(delivery: PendingDelivery): Promise<void> {
    const subscription = this.topics.subscription(delivery.subscriptionArn);
    if (subscription === undefined) return this.pending.remove(delivery.id);
    const topic = this.topics.withArn(subscription.topicArn);
    const outcome = await this.send(topic, subscription.queueUrl, delivery.notification);
    // This one has failed as well: what matters is whether there is a next.
    const again = outcome === "failed" && retryDelayMs(delivery.retries + 2) !== undefined;
    if (again) return this.schedule(this.pending.tryAgainLater(delivery, this.clock.now()));
    if (outcome === "delivered") topic.metrics.NumberOfNotificationsDelivered.add();
    else await this.giveUp(topic, subscription, delivery.notification);
    this.pending.remove(delivery.id);
  }

  private schedule(delivery: PendingDelivery): void {
    if (this.stopped) return;
    const due = delivery.triedAt + (retryDelayMs(delivery.retries + 1) ?? 0);
    const cancel = this.clock.after(Math.max(due - this.clock.now(), 0), () => {
      this.scheduled.delete(delivery.id);
      const retry = this.retry(delivery).finally(() => this.running.delete(retry));
      this.running.add(retry);
    });
    this.scheduled.set(delivery.id, cancel);
  }

  /** Hands the notification to the subscription's dead-letter queue; without one it is lost, and counted. */
  private async giveUp(topic: Topic, subscription: Subscription, notification: AwsDocument): Promise<void> {
    topic.metrics.NumberOfNotificationsFailed.add();
    const target = subscription.deadLetterQueueUrl;
    if (target === undefined) return;
    const outcome = await this.send(topic, target, notification);
    if (outcome === "delivered") topic.metrics.NumberOfNotificationsRedrivenToDlq.add();
    else topic.metrics.NumberOfNotificationsFailedToRedriveToDlq.add();
  }

  private async send(
    { deliverer }: Topic,
    queueUrl: string,
    notification: AwsDocument,
  ): Promise<"delivered" | "refused" | "failed"> {
    try {
      await this.sqs.call("SendMessage", { ...notification, QueueUrl: queueUrl }, deliverer);
      return "delivered";
    } catch (error) {
      return error instanceof AwsError && isRefusal(error) ? "refused" : "failed";
    }
  }

  private notification(subscription: Subscription, publication: Publication): AwsDocument {
    if (!subscription.raw) return { MessageBody: this.envelope(subscription, publication) };
    const { message, attributes } = publication;
    return Object.keys(attributes).length === 0
      ? { MessageBody: message }
      : { MessageBody: message, MessageAttributes: attributes };
  }

  /** What a subscriber without raw delivery gets (SNS Developer Guide, "Raw message delivery", formats). */
  private envelope(subscription: Subscription, publication: Publication): string {
    const { messageId, message, subject, attributes } = publication;
    const names = Object.keys(attributes);
    const region = parseArn(subscription.topicArn).region;
    const origin = `https://sns.${region}.amazonaws.com`;
    return JSON.stringify({
      Type: "Notification",
      MessageId: messageId,
      TopicArn: subscription.topicArn,
      ...(subject !== undefined && { Subject: subject }),
      Message: message,
      Timestamp: new Date(this.clock.now()).toISOString(),
      SignatureVersion: "1",
      Signature: "EXAMPLE",
      SigningCertURL: `${origin}/SimpleNotificationService-EXAMPLE.pem`,
      UnsubscribeURL: `${origin}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`,
      ...(names.length > 0 && { MessageAttributes: envelopeAttributes(publication) }),
    });
  }
}

/**
 * Whether a further try would be refused too. A throttled queue "can't process a valid request" at present, which is tried
 * again (SNS Developer Guide, "Message delivery retries", server-side errors).
 */
function isRefusal({ code, status }: AwsError): boolean {
  return status < 500 && !/Throttl/.test(code);
}

function envelopeAttributes({ attributes }: Publication): AwsDocument {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: BinaryValue ?? StringValue },
    ]),
  );
}

import type { PolicyDocument } from "../aws/authorizer";
import type { AwsDocument } from "../aws/api";
import { parseArn } from "../aws/arn";
import type { Caller } from "../aws/caller";
import { invalidParameter, notFound } from "./errors";
import type { MetricSeries } from "../cloudwatch/metricStore";
import type { Filter } from "./filterPolicy";

/** One subscription of a queue to a topic. */
export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  /** ARN of the queue. */
  readonly endpoint: string;
  readonly queueUrl: string;
  readonly raw: boolean;
  /** Absent: everything passes. */
  readonly filter: Filter | undefined;
  /** The queue that takes what cannot be delivered. */
  readonly deadLetterQueueUrl: string | undefined;
  /** As GetSubscriptionAttributes answers them. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** An address of an e-mail subscription, which nobody here can confirm: SNS sends nothing until then. */
export interface UnconfirmedSubscription {
  readonly protocol: string;
  readonly endpoint: string;
}

/** SNS's metrics of a topic in CloudWatch; but for the first, one value for each subscription. */
export const TOPIC_METRICS = [
  "NumberOfMessagesPublished",
  "NumberOfNotificationsDelivered",
  "NumberOfNotificationsFilteredOut",
  "NumberOfNotificationsFailed",
  "NumberOfNotificationsRedrivenToDlq",
  "NumberOfNotificationsFailedToRedriveToDlq",
] as const;

export type TopicMetrics = Readonly<Record<(typeof TOPIC_METRICS)[number], MetricSeries>>;

/** One hosted topic. */
export interface Topic {
  readonly arn: string;
  /** As whom SNS delivers the topic's messages: one object, for IAM remembers decisions by the caller. */
  readonly deliverer: Caller;
  readonly displayName: string;
  readonly kmsMasterKeyId: string | undefined;
  policy: { readonly text: string; readonly document: PolicyDocument } | undefined;
  readonly subscriptions: Subscription[];
  readonly unconfirmed: UnconfirmedSubscription[];
  readonly metrics: TopicMetrics;
}

/** The hosted topics and their subscriptions. */
export class Topics {
  private readonly byArn = new Map<string, Topic>();
  private readonly subscriptionsByArn = new Map<string, Subscription>();

  addTopic(topic: Topic): void {
    this.byArn.set(topic.arn, topic);
  }

  addSubscription(subscription: Subscription): void {
    this.withArn(subscription.topicArn).subscriptions.push(subscription);
    this.subscriptionsByArn.set(subscription.arn, subscription);
  }

  all(): readonly Topic[] {
    return [...this.byArn.values()];
  }

  /** @throws AwsError `NotFound`, or `InvalidParameter` for what is no ARN */
  withArn(arn: string): Topic {
    const topic = this.byArn.get(arn);
    if (topic !== undefined) return topic;
    refuseMalformedArn("TopicArn", arn);
    throw notFound("Topic");
  }

  /** `undefined` for one that the stack no longer has. */
  subscription(arn: string): Subscription | undefined {
    return this.subscriptionsByArn.get(arn);
  }

  /** @throws AwsError `NotFound`, or `InvalidParameter` for what is no ARN */
  subscriptionWithArn(arn: string): Subscription {
    const subscription = this.subscriptionsByArn.get(arn);
    if (subscription !== undefined) return subscription;
    refuseMalformedArn("SubscriptionArn", arn);
    throw notFound("Subscription");
  }
}

function refuseMalformedArn(parameter: string, arn: string): void {
  const elements = arn.split(":").length;
  if (elements < 6)
    throw invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${elements}`);
}

/** A topic's subscriptions as the listing actions answer them. */
export function summariesOf({ arn, subscriptions, unconfirmed }: Topic): AwsDocument[] {
  const of = { Owner: parseArn(arn).account, TopicArn: arn };
  return [
    ...subscriptions.map((one) => ({
      ...of,
      SubscriptionArn: one.arn,
      Protocol: "sqs",
      Endpoint: one.endpoint,
    })),
    // Instead of an ARN (SNS API Reference, ListSubscriptions).
    ...unconfirmed.map(({ protocol, endpoint }) => ({
      ...of,
      SubscriptionArn: "PendingConfirmation",
      Protocol: protocol,
      Endpoint: endpoint,
    })),
  ];
}

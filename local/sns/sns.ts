import type { AwsApi, AwsDocument } from "../aws/api";
import { parseArn } from "../aws/arn";
import type { Authorizer, KeyAuthorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { optionalString } from "../aws/document";
import { AwsError } from "../aws/error";
import type { Resource, ResourceHost } from "../aws/resource";
import type { Clock } from "../clock";
import type { MetricStore } from "../cloudwatch/metricStore";
import type { Store } from "../store";
import { Delivery } from "./delivery";
import { asSnsDenial, invalidParameter, unsupportedOperation } from "./errors";
import { PendingDeliveries } from "./pendingDeliveries";
import { readBatch, readPublication } from "./publication";
import { topicHosts } from "./resources";
import { summariesOf, type Topic, Topics } from "./topics";

/** What SNS needs from the run; `sqs` takes its deliveries. */
export interface SnsDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly iam: Authorizer;
  readonly keys: KeyAuthorizer;
  readonly metrics: MetricStore;
  readonly sqs: AwsApi;
}

type Action = (input: AwsDocument, caller: Caller) => AwsDocument | Promise<AwsDocument>;

/** Actions that would change which topics and subscriptions there are. */
const REFUSED = [
  "ConfirmSubscription",
  "CreateTopic",
  "DeleteTopic",
  "SetSubscriptionAttributes",
  "SetTopicAttributes",
  "Subscribe",
  "Unsubscribe",
];
const PAGE_SIZE = 100;

/** Amazon SNS: the standard topics of the stack and the queues that subscribe to them. */
export class Sns implements AwsApi, ResourceHost {
  readonly hosts: Readonly<Record<string, (resource: Resource) => void>>;
  private readonly topics = new Topics();
  private readonly delivery: Delivery;
  private readonly iam: Authorizer;
  private readonly keys: KeyAuthorizer;
  private readonly actions: ReadonlyMap<string, Action>;

  constructor({ store, clock, iam, keys, metrics, sqs }: SnsDependencies) {
    this.iam = iam;
    this.keys = keys;
    this.hosts = topicHosts(this.topics, metrics);
    this.delivery = new Delivery(sqs, clock, this.topics, new PendingDeliveries(store));
    this.actions = new Map<string, Action>([
      ["GetSubscriptionAttributes", this.getSubscriptionAttributes.bind(this)],
      ["GetTopicAttributes", this.getTopicAttributes.bind(this)],
      ["ListSubscriptions", this.listSubscriptions.bind(this)],
      ["ListSubscriptionsByTopic", this.listSubscriptionsByTopic.bind(this)],
      ["ListTopics", this.listTopics.bind(this)],
      ["Publish", this.publish.bind(this)],
      ["PublishBatch", this.publishBatch.bind(this)],
    ]);
  }

  async call(action: string, input: AwsDocument, caller: Caller): Promise<AwsDocument> {
    const answer = this.actions.get(action);
    if (answer !== undefined) return answer(input, caller);
    if (REFUSED.includes(action)) throw unsupportedOperation(action);
    throw new AwsError("InvalidAction", `The action ${action} is not valid for this endpoint.`);
  }

  /** Goes on with the deliveries that a killed run left behind. */
  start(): void {
    this.delivery.resume();
  }

  stop(): Promise<void> {
    return this.delivery.stop();
  }

  private async publish(input: AwsDocument, caller: Caller): Promise<AwsDocument> {
    if (optionalString(input, "PhoneNumber") !== undefined)
      throw invalidParameter("PhoneNumber Reason: SMS is not hosted: publish to a topic");
    const arn = optionalString(input, "TopicArn") ?? optionalString(input, "TargetArn");
    const topic = this.topicFor(caller, "Publish", arn);
    this.checkPublishingKey(caller, topic);
    const publication = readPublication(input);
    await this.delivery.deliver(topic, publication);
    return { MessageId: publication.messageId };
  }

  private async publishBatch(input: AwsDocument, caller: Caller): Promise<AwsDocument> {
    const topic = this.topicFor(caller, "Publish", optionalString(input, "TopicArn"));
    this.checkPublishingKey(caller, topic);
    const batch = readBatch(input);
    for (const { publication } of batch) await this.delivery.deliver(topic, publication);
    return {
      Successful: batch.map(({ id, publication }) => ({ Id: id, MessageId: publication.messageId })),
      Failed: [],
    };
  }

  private getTopicAttributes(input: AwsDocument, caller: Caller): AwsDocument {
    const topic = this.topicFor(caller, "GetTopicAttributes", optionalString(input, "TopicArn"));
    return {
      Attributes: {
        DisplayName: topic.displayName,
        ...(topic.kmsMasterKeyId !== undefined && { KmsMasterKeyId: topic.kmsMasterKeyId }),
        Owner: parseArn(topic.arn).account,
        ...(topic.policy && { Policy: topic.policy.text }),
        SubscriptionsConfirmed: String(topic.subscriptions.length),
        SubscriptionsDeleted: "0",
        SubscriptionsPending: String(topic.unconfirmed.length),
        TopicArn: topic.arn,
      },
    };
  }

  private getSubscriptionAttributes(input: AwsDocument, caller: Caller): AwsDocument {
    const subscription = this.topics.subscriptionWithArn(optionalString(input, "SubscriptionArn") ?? "");
    this.check(caller, "GetSubscriptionAttributes", this.topics.withArn(subscription.topicArn));
    return { Attributes: subscription.attributes };
  }

  private listTopics(input: AwsDocument, caller: Caller): AwsDocument {
    this.check(caller, "ListTopics");
    return page(
      input,
      "Topics",
      this.topics.all().map(({ arn }) => ({ TopicArn: arn })),
    );
  }

  private listSubscriptions(input: AwsDocument, caller: Caller): AwsDocument {
    this.check(caller, "ListSubscriptions");
    return page(input, "Subscriptions", this.topics.all().flatMap(summariesOf));
  }

  private listSubscriptionsByTopic(input: AwsDocument, caller: Caller): AwsDocument {
    const topic = this.topicFor(caller, "ListSubscriptionsByTopic", optionalString(input, "TopicArn"));
    return page(input, "Subscriptions", summariesOf(topic));
  }

  private topicFor(caller: Caller, action: string, arn: string | undefined): Topic {
    if (arn === undefined)
      throw invalidParameter("TopicArn or TargetArn Reason: no value for required parameter");
    const topic = this.topics.withArn(arn);
    this.check(caller, action, topic);
    return topic;
  }

  private check(caller: Caller, action: string, topic?: Topic): void {
    try {
      this.iam.authorize(caller, `sns:${action}`, topic?.arn ?? "*", {
        resourcePolicy: topic?.policy?.document,
      });
    } catch (error) {
      throw asSnsDenial(error);
    }
  }

  /** A publisher needs a data key, and decrypts it again (SNS Developer Guide, "Managing encryption keys"). */
  private checkPublishingKey(caller: Caller, { arn, kmsMasterKeyId }: Topic): void {
    if (kmsMasterKeyId === undefined) return;
    const context = { "kms:EncryptionContext:aws:sns:topicArn": arn };
    try {
      for (const action of ["kms:GenerateDataKey", "kms:Decrypt"])
        this.keys.authorizeKey(caller, action, kmsMasterKeyId, "sns", context);
    } catch (error) {
      throw asSnsDenial(error);
    }
  }
}

/** One page of a listing; `NextToken` is the position after it. */
function page(input: AwsDocument, member: string, items: readonly AwsDocument[]): AwsDocument {
  const token = optionalString(input, "NextToken") ?? "0";
  if (!/^\d{1,9}$/.test(token)) throw invalidParameter("NextToken");
  const end = Number(token) + PAGE_SIZE;
  return {
    [member]: items.slice(Number(token), end),
    ...(end < items.length && { NextToken: String(end) }),
  };
}

import type { AwsDocument } from "../aws/api";
import type { Caller } from "../aws/caller";
import { ACCOUNT_ID } from "../aws/arn";
import { optionalDocument, optionalInteger, optionalString, strings } from "../aws/document";
import type { Clock } from "../clock";
import {
  invalidAttributeName,
  invalidAttributeValue,
  invalidValue,
  missingParameter,
  purgeQueueInProgress,
  queueDoesNotExist,
} from "./errors";
import type { MessageCounts, MessageStore } from "./messageStore";
import type { QueuePermissions } from "./permissions";
import type { Queue, Queues } from "./queues";
import { allowsSource, withAttributes } from "./queueSettings";

const PURGE_INTERVAL_MS = 60_000;
const LARGEST_PAGE = 1000;

const COMPUTED_ATTRIBUTES: Readonly<Record<string, (queue: Queue, counts: () => MessageCounts) => string>> = {
  ApproximateNumberOfMessages: (_queue, counts) => String(counts().visible),
  ApproximateNumberOfMessagesDelayed: (_queue, counts) => String(counts().delayed),
  ApproximateNumberOfMessagesNotVisible: (_queue, counts) => String(counts().inFlight),
  CreatedTimestamp: (queue) => String(Math.floor(queue.createdAt / 1000)),
  LastModifiedTimestamp: (queue) => String(Math.floor(queue.modifiedAt / 1000)),
  QueueArn: (queue) => queue.arn,
};

/** Attributes that a client may ask for and that a queue need not have. */
const OPTIONAL_ATTRIBUTES = [
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "DelaySeconds",
  "FifoQueue",
  "FifoThroughputLimit",
  "KmsDataKeyReusePeriodSeconds",
  "KmsMasterKeyId",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
  "Policy",
  "ReceiveMessageWaitTimeSeconds",
  "RedriveAllowPolicy",
  "RedrivePolicy",
  "SqsManagedSseEnabled",
  "VisibilityTimeout",
];

/** The actions on queues rather than messages. */
export class Administration {
  constructor(
    private readonly clock: Clock,
    private readonly queues: Queues,
    private readonly messages: MessageStore,
    private readonly permissions: QueuePermissions,
  ) {}

  getQueueAttributes(queue: Queue, input: AwsDocument, caller: Caller): AwsDocument {
    this.permissions.check(caller, "GetQueueAttributes", queue);
    const names = strings(input, "AttributeNames");
    const known = [...Object.keys(COMPUTED_ATTRIBUTES), ...OPTIONAL_ATTRIBUTES];
    for (const name of names)
      if (name !== "All" && !known.includes(name)) throw invalidAttributeName(`Unknown Attribute ${name}.`);
    let counted: MessageCounts | undefined;
    const counts = () =>
      (counted ??= this.messages.count(queue.name, this.clock.now(), this.queues.cutoff(queue)));
    const attributes: Record<string, string> = {};
    for (const name of names.includes("All") ? known : names) {
      const value = COMPUTED_ATTRIBUTES[name]?.(queue, counts) ?? queue.settings.attributes[name];
      if (value !== undefined) attributes[name] = value;
    }
    return { Attributes: attributes };
  }

  setQueueAttributes(queue: Queue, input: AwsDocument, caller: Caller): AwsDocument {
    this.permissions.check(caller, "SetQueueAttributes", queue);
    const changes = optionalDocument(input, "Attributes");
    if (changes === undefined) throw missingParameter("Attributes");
    const texts = Object.entries(changes).map(([name, value]): [string, string] => {
      if (typeof value !== "string") throw invalidAttributeValue(name, "Must be a string.");
      return [name, value];
    });
    const settings = withAttributes(queue.settings, Object.fromEntries(texts));
    const target = settings.redrivePolicy?.deadLetterTargetArn;
    if (target !== undefined) this.checkDeadLetterQueue(queue, target);
    queue.settings = settings;
    queue.modifiedAt = this.clock.now();
    return {};
  }

  /** @throws AwsError `InvalidParameterValue` when the queue may not dead-letter its messages to the target */
  checkDeadLetterQueue(queue: Queue, targetArn: string): void {
    const target = this.queues.withArn(targetArn);
    if (target === undefined)
      throw invalidValue("RedrivePolicy", targetArn, "Dead letter target does not exist.");
    if (!allowsSource(target.settings.redriveAllowPolicy, queue.arn))
      throw invalidValue(
        "RedrivePolicy",
        targetArn,
        "The dead letter target's redrive allow policy refuses it.",
      );
  }

  getQueueUrl(input: AwsDocument, caller: Caller): AwsDocument {
    const name = optionalString(input, "QueueName");
    if (name === undefined) throw missingParameter("QueueName");
    const owner = optionalString(input, "QueueOwnerAWSAccountId") ?? ACCOUNT_ID;
    const queue = owner === ACCOUNT_ID ? this.queues.named(name) : undefined;
    if (queue === undefined) throw queueDoesNotExist();
    this.permissions.check(caller, "GetQueueUrl", queue);
    return { QueueUrl: queue.url };
  }

  listQueues(input: AwsDocument, caller: Caller): AwsDocument {
    this.permissions.checkAccount(caller, "ListQueues");
    const prefix = optionalString(input, "QueueNamePrefix") ?? "";
    const found = this.queues.all().filter(({ name }) => name.startsWith(prefix));
    return urlPage("QueueUrls", found, input);
  }

  listDeadLetterSourceQueues(queue: Queue, input: AwsDocument, caller: Caller): AwsDocument {
    this.permissions.check(caller, "ListDeadLetterSourceQueues", queue);
    return { queueUrls: [], ...urlPage("queueUrls", this.queues.sourcesOf(queue), input) };
  }

  purgeQueue(queue: Queue, _input: AwsDocument, caller: Caller): AwsDocument {
    this.permissions.check(caller, "PurgeQueue", queue);
    const now = this.clock.now();
    if (queue.purgedAt !== undefined && now - queue.purgedAt < PURGE_INTERVAL_MS)
      throw purgeQueueInProgress(queue.name);
    queue.purgedAt = now;
    this.messages.purge(queue.name);
    return {};
  }
}

/** One page of URLs, by name; `NextToken` is the name of the page's last queue, and needs `MaxResults`. */
function urlPage(member: string, queues: readonly Queue[], input: AwsDocument): AwsDocument {
  const size = optionalInteger(input, "MaxResults");
  if (size !== undefined && (size < 1 || size > LARGEST_PAGE))
    throw invalidValue("MaxResults", size, `Must be between 1 and ${LARGEST_PAGE}, if provided.`);
  const after = Buffer.from(optionalString(input, "NextToken") ?? "", "base64").toString();
  const rest = queues.filter(({ name }) => name > after).sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = rest.slice(0, size ?? LARGEST_PAGE);
  const last = page.at(-1);
  return {
    ...(page.length > 0 && { [member]: page.map(({ url }) => url) }),
    ...(size !== undefined &&
      page.length < rest.length &&
      last && { NextToken: Buffer.from(last.name).toString("base64") }),
  };
}

/** How one member of a request or an answer is written in the Query protocol. */
export type Shape =
  | { readonly kind: "string" | "integer" | "boolean" }
  | Structure
  /** `item` names an element; a flat list has no element of its own around them. */
  | { readonly kind: "list"; readonly of: Shape; readonly item: string; readonly flat: boolean }
  | {
      readonly kind: "map";
      readonly of: Shape;
      readonly entry: string;
      readonly key: string;
      readonly value: string;
      readonly flat: boolean;
    };

export interface Structure {
  readonly kind: "structure";
  readonly members: readonly Member[];
  readonly byWireName: ReadonlyMap<string, Member>;
}

/** One member of a structure under both its names: the service's own and that of its parameters or elements. */
export interface Member {
  readonly name: string;
  readonly wireName: string;
  readonly shape: Shape;
}

const STRING: Shape = { kind: "string" };
const INTEGER: Shape = { kind: "integer" };
const BOOLEAN: Shape = { kind: "boolean" };
const structure = (shapes: Readonly<Record<string, Shape>>): Structure => {
  const members = Object.entries(shapes).map(([name, shape]): Member => ({
    name,
    wireName: wireNameOf(name, shape),
    shape,
  }));
  return { kind: "structure", members, byWireName: new Map(members.map((each) => [each.wireName, each])) };
};
/** SQS's lists and maps are flat; an element has a name of its own (`Attribute.1.Name`). */
const flatList = (of: Shape, item: string): Shape => ({ kind: "list", of, item, flat: true });
const flatMap = (of: Shape, entry: string): Shape => ({
  kind: "map",
  of,
  entry,
  key: "Name",
  value: "Value",
  flat: true,
});
/** SNS's are not: `Topics.member.1`, `Attributes.entry.1.key`. */
const members = (of: Shape): Shape => ({ kind: "list", of, item: "member", flat: false });
const entries = (of: Shape, key = "key", value = "value"): Shape => ({
  kind: "map",
  of,
  entry: "entry",
  key,
  value,
  flat: false,
});

/** A flat list or map goes by the name of its elements. */
function wireNameOf(name: string, shape: Shape): string {
  if (shape.kind === "list" && shape.flat) return shape.item;
  if (shape.kind === "map" && shape.flat) return shape.entry;
  return name;
}

/** One action of a service that speaks the Query protocol. */
export interface QueryAction {
  readonly service: "sqs" | "sns";
  /** Absent for an action that the service refuses: its parameters are not read. */
  readonly input?: Structure;
  /** Absent for an action without a result. */
  readonly output?: Structure;
}

const ATTRIBUTE_VALUE = structure({ DataType: STRING, StringValue: STRING, BinaryValue: STRING });
const MESSAGE = {
  MessageBody: STRING,
  DelaySeconds: INTEGER,
  MessageAttributes: flatMap(ATTRIBUTE_VALUE, "MessageAttribute"),
  MessageSystemAttributes: flatMap(ATTRIBUTE_VALUE, "MessageSystemAttribute"),
  MessageGroupId: STRING,
  MessageDeduplicationId: STRING,
};
const SENT = {
  MD5OfMessageAttributes: STRING,
  MD5OfMessageBody: STRING,
  MD5OfMessageSystemAttributes: STRING,
  MessageId: STRING,
  SequenceNumber: STRING,
};
const RECEIVED = structure({
  MessageId: STRING,
  ReceiptHandle: STRING,
  MD5OfBody: STRING,
  Body: STRING,
  Attributes: flatMap(STRING, "Attribute"),
  MD5OfMessageAttributes: STRING,
  MessageAttributes: flatMap(ATTRIBUTE_VALUE, "MessageAttribute"),
});
const BATCH_ERROR = structure({ Id: STRING, Code: STRING, Message: STRING, SenderFault: BOOLEAN });
const VISIBILITY = { ReceiptHandle: STRING, VisibilityTimeout: INTEGER };
const PAGE = { MaxResults: INTEGER, NextToken: STRING };

const onQueue = (input: Readonly<Record<string, Shape>>, output?: Structure): QueryAction => ({
  service: "sqs",
  input: structure({ QueueUrl: STRING, ...input }),
  ...(output && { output }),
});
const sqs = (input: Structure, output: Structure): QueryAction => ({ service: "sqs", input, output });
const sns = (input: Structure, output: Structure): QueryAction => ({ service: "sns", input, output });

/** A batch action of SQS: its request's and its answer's elements are named after it. */
const batch = (
  action: string,
  entry: Readonly<Record<string, Shape>>,
  done: Readonly<Record<string, Shape>>,
) =>
  onQueue(
    { Entries: flatList(structure({ Id: STRING, ...entry }), `${action}RequestEntry`) },
    structure({
      Successful: flatList(structure({ Id: STRING, ...done }), `${action}ResultEntry`),
      Failed: flatList(BATCH_ERROR, "BatchResultErrorEntry"),
    }),
  );

const SQS_ACTIONS: Readonly<Record<string, QueryAction>> = {
  CancelMessageMoveTask: sqs(
    structure({ TaskHandle: STRING }),
    structure({ ApproximateNumberOfMessagesMoved: INTEGER }),
  ),
  ChangeMessageVisibility: onQueue(VISIBILITY),
  ChangeMessageVisibilityBatch: batch("ChangeMessageVisibilityBatch", VISIBILITY, {}),
  DeleteMessage: onQueue({ ReceiptHandle: STRING }),
  DeleteMessageBatch: batch("DeleteMessageBatch", { ReceiptHandle: STRING }, {}),
  GetQueueAttributes: onQueue(
    { AttributeNames: flatList(STRING, "AttributeName") },
    structure({ Attributes: flatMap(STRING, "Attribute") }),
  ),
  GetQueueUrl: sqs(
    structure({ QueueName: STRING, QueueOwnerAWSAccountId: STRING }),
    structure({ QueueUrl: STRING }),
  ),
  ListDeadLetterSourceQueues: onQueue(
    PAGE,
    structure({ queueUrls: flatList(STRING, "QueueUrl"), NextToken: STRING }),
  ),
  ListMessageMoveTasks: sqs(
    structure({ SourceArn: STRING, MaxResults: INTEGER }),
    structure({
      Results: flatList(
        structure({
          TaskHandle: STRING,
          Status: STRING,
          SourceArn: STRING,
          DestinationArn: STRING,
          MaxNumberOfMessagesPerSecond: INTEGER,
          ApproximateNumberOfMessagesMoved: INTEGER,
          ApproximateNumberOfMessagesToMove: INTEGER,
          FailureReason: STRING,
          StartedTimestamp: INTEGER,
        }),
        "ListMessageMoveTasksResultEntry",
      ),
    }),
  ),
  ListQueues: sqs(
    structure({ QueueNamePrefix: STRING, ...PAGE }),
    structure({ QueueUrls: flatList(STRING, "QueueUrl"), NextToken: STRING }),
  ),
  PurgeQueue: onQueue({}),
  ReceiveMessage: onQueue(
    {
      AttributeNames: flatList(STRING, "AttributeName"),
      MaxNumberOfMessages: INTEGER,
      MessageAttributeNames: flatList(STRING, "MessageAttributeName"),
      MessageSystemAttributeNames: flatList(STRING, "MessageSystemAttributeName"),
      VisibilityTimeout: INTEGER,
      WaitTimeSeconds: INTEGER,
    },
    structure({ Messages: flatList(RECEIVED, "Message") }),
  ),
  SendMessage: onQueue(MESSAGE, structure(SENT)),
  SendMessageBatch: batch("SendMessageBatch", MESSAGE, SENT),
  SetQueueAttributes: onQueue({ Attributes: flatMap(STRING, "Attribute") }),
  StartMessageMoveTask: sqs(
    structure({ SourceArn: STRING, DestinationArn: STRING, MaxNumberOfMessagesPerSecond: INTEGER }),
    structure({ TaskHandle: STRING }),
  ),
};

const PUBLICATION = {
  Message: STRING,
  Subject: STRING,
  MessageStructure: STRING,
  MessageAttributes: entries(ATTRIBUTE_VALUE, "Name", "Value"),
  MessageDeduplicationId: STRING,
  MessageGroupId: STRING,
};
const SUBSCRIPTIONS = structure({
  Subscriptions: members(
    structure({
      SubscriptionArn: STRING,
      Owner: STRING,
      Protocol: STRING,
      Endpoint: STRING,
      TopicArn: STRING,
    }),
  ),
  NextToken: STRING,
});

const SNS_ACTIONS: Readonly<Record<string, QueryAction>> = {
  GetSubscriptionAttributes: sns(
    structure({ SubscriptionArn: STRING }),
    structure({ Attributes: entries(STRING) }),
  ),
  GetTopicAttributes: sns(structure({ TopicArn: STRING }), structure({ Attributes: entries(STRING) })),
  ListSubscriptions: sns(structure({ NextToken: STRING }), SUBSCRIPTIONS),
  ListSubscriptionsByTopic: sns(structure({ TopicArn: STRING, NextToken: STRING }), SUBSCRIPTIONS),
  ListTopics: sns(
    structure({ NextToken: STRING }),
    structure({ Topics: members(structure({ TopicArn: STRING })), NextToken: STRING }),
  ),
  Publish: sns(
    structure({ TopicArn: STRING, TargetArn: STRING, PhoneNumber: STRING, ...PUBLICATION }),
    structure({ MessageId: STRING, SequenceNumber: STRING }),
  ),
  PublishBatch: sns(
    structure({
      TopicArn: STRING,
      PublishBatchRequestEntries: members(structure({ Id: STRING, ...PUBLICATION })),
    }),
    structure({
      Successful: members(structure({ Id: STRING, MessageId: STRING, SequenceNumber: STRING })),
      Failed: members(BATCH_ERROR),
    }),
  ),
};

const refused = (service: QueryAction["service"], actions: readonly string[]) =>
  actions.map((action): [string, QueryAction] => [action, { service }]);

/** Every action of the Query protocol by its name; the services share no name. */
export const QUERY_ACTIONS: ReadonlyMap<string, QueryAction> = new Map([
  ...Object.entries(SQS_ACTIONS),
  ...Object.entries(SNS_ACTIONS),
  ...refused("sqs", ["AddPermission", "CreateQueue", "DeleteQueue", "RemovePermission", "TagQueue"]),
  ...refused("sqs", ["ListQueueTags", "UntagQueue"]),
  ...refused("sns", ["ConfirmSubscription", "CreateTopic", "DeleteTopic", "SetSubscriptionAttributes"]),
  ...refused("sns", ["SetTopicAttributes", "Subscribe", "Unsubscribe"]),
]);

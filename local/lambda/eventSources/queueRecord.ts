/** A message as `ReceiveMessage` answers it. */
export interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly MD5OfMessageAttributes?: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>>;
}

interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

/** A message as the function gets it (Lambda Developer Guide, "Example standard queue message event"). */
export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, object>>;
  readonly md5OfMessageAttributes?: string;
  readonly md5OfBody: string;
  readonly eventSource: "aws:sqs";
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

export function queueRecord(received: ReceivedMessage, queueArn: string, region: string): QueueRecord {
  const messageAttributes: Record<string, object> = {};
  for (const [name, attribute] of Object.entries(received.MessageAttributes ?? {}))
    messageAttributes[name] = recordAttribute(attribute);
  return {
    messageId: received.MessageId,
    receiptHandle: received.ReceiptHandle,
    body: received.Body,
    attributes: received.Attributes ?? {},
    messageAttributes,
    ...(received.MD5OfMessageAttributes !== undefined && {
      md5OfMessageAttributes: received.MD5OfMessageAttributes,
    }),
    md5OfBody: received.MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

function recordAttribute({ DataType, StringValue, BinaryValue }: MessageAttribute): object {
  return {
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}

/** What a filter sees of a record: a body that is JSON is looked into (Lambda Developer Guide, "Filtering SQS"). */
export function filterable(record: QueueRecord): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(record.body);
    return { ...record, body };
  } catch {
    return { ...record };
  }
}

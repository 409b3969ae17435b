import * as z from "zod";
import { queueUrl } from "../../aws/arn";
import { AwsError } from "../../aws/error";
import { LARGEST_PAYLOAD_BYTES } from "../lambdaFunction";
import { readBatchOutcome } from "./batchResponse";
import { eventOf, SOURCE_RETRY_MS, type EventSourceMapping, type MappingContext } from "./mapping";
import type { QueueMappingSettings } from "./mappingSettings";
import { filterable, queueRecord, type ReceivedMessage } from "./queueRecord";

const LONGEST_POLL_SECONDS = 20;
/** Of one receive and of one delete (SQS quotas). */
const MOST_MESSAGES = 10;
/** Room for the event around the records. */
const EVENT_BYTES = 64;

const queueAttributes = z.object({ Attributes: z.object({ VisibilityTimeout: z.coerce.number() }) });

interface ReceiveAnswer {
  readonly Messages?: ReceivedMessage[];
}

interface QueueItem {
  readonly message: ReceivedMessage;
  /** The record as JSON text. */
  readonly json: string;
}

/**
 * Polls a queue for a function. One poller waits for messages; each full batch starts a further one, and these end
 * as soon as there is no full batch any more. A message that the function did not process is left alone, and becomes
 * visible again when its visibility timeout has passed.
 */
export class QueueMapping implements EventSourceMapping {
  private readonly url: string;
  private readonly stopping = new AbortController();
  private readonly pollers = new Set<Promise<void>>();

  constructor(
    private readonly settings: QueueMappingSettings,
    private readonly context: MappingContext,
  ) {
    this.url = queueUrl(context.origin, settings.sourceArn);
  }

  async verify(): Promise<void> {
    const answer = await this.call("GetQueueAttributes", { AttributeNames: ["VisibilityTimeout"] });
    const visibilitySeconds = queueAttributes.parse(answer).Attributes.VisibilityTimeout;
    const timeoutSeconds = this.context.function.settings.timeoutMs / 1000;
    if (visibilitySeconds < timeoutSeconds)
      throw new Error(
        `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
      );
  }

  start(): void {
    this.run(this.pollForever());
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.pollers);
  }

  /** One batch is fetched ahead of the workers: more would wait for them while their visibility timeouts run. */
  private get mostPollers(): number {
    const { settings, workers } = this.context.function;
    return Math.max(1, Math.min(this.settings.maximumConcurrency, settings.reservedConcurrency, workers + 1));
  }

  private run(poller: Promise<void>): void {
    const tracked = poller.finally(() => this.pollers.delete(tracked));
    this.pollers.add(tracked);
  }

  private async pollForever(): Promise<void> {
    while (!this.stopping.signal.aborted) await this.pollOnce(LONGEST_POLL_SECONDS);
  }

  private async pollBacklog(): Promise<void> {
    while (!this.stopping.signal.aborted && (await this.pollOnce(0)));
  }

  /** @returns whether the batch was full: there may be more */
  private async pollOnce(waitSeconds: number): Promise<boolean> {
    try {
      const messages = await this.receiveBatch(waitSeconds);
      const full = messages.length >= Math.min(this.settings.batchSize, MOST_MESSAGES);
      if (full && this.pollers.size < this.mostPollers) this.run(this.pollBacklog());
      if (messages.length > 0) await this.process(messages);
      return full;
    } catch (error) {
      if (this.stopping.signal.aborted) return false;
      // A throttled batch comes again with its visibility timeout, as on AWS.
      if (!(error instanceof AwsError && error.code === "TooManyRequestsException"))
        this.context.onFault(error);
      await this.context.clock.wait(SOURCE_RETRY_MS, this.stopping.signal);
      return false;
    }
  }

  private async receiveBatch(waitSeconds: number): Promise<ReceivedMessage[]> {
    const { batchSize, batchingWindowMs } = this.settings;
    const { clock } = this.context;
    const messages = await this.receive(batchSize, waitSeconds, this.stopping.signal);
    if (messages.length === 0 || batchingWindowMs === 0) return messages;

    const windowEnd = new AbortController();
    const cancel = clock.after(batchingWindowMs, () => windowEnd.abort());
    const signal = AbortSignal.any([this.stopping.signal, windowEnd.signal]);
    while (messages.length < batchSize && !signal.aborted)
      messages.push(...(await this.receive(batchSize - messages.length, LONGEST_POLL_SECONDS, signal)));
    cancel();
    return messages;
  }

  private async receive(limit: number, waitSeconds: number, signal: AbortSignal): Promise<ReceivedMessage[]> {
    const request = {
      MaxNumberOfMessages: Math.min(limit, MOST_MESSAGES),
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    };
    // The queues are of the same process: what they answer is as documented.
    const { Messages = [] } = (await this.call("ReceiveMessage", request, signal)) as ReceiveAnswer;
    return Messages;
  }

  private async process(messages: readonly ReceivedMessage[]): Promise<void> {
    const { filter, sourceArn } = this.settings;
    const items: QueueItem[] = [];
    const unwanted: ReceivedMessage[] = [];
    for (const message of messages) {
      const record = queueRecord(message, sourceArn, this.context.region);
      if (!filter || filter(filterable(record))) items.push({ message, json: JSON.stringify(record) });
      else unwanted.push(message);
    }
    await this.delete(unwanted);
    for (const batch of splitBySize(items)) await this.invoke(batch);
  }

  private async invoke(items: readonly QueueItem[]): Promise<void> {
    const result = await this.context.function.invoke(eventOf(items.map(({ json }) => json)));
    const messages = items.map(({ message }) => message);
    const identifiers = messages.map(({ MessageId }) => MessageId);
    const outcome = readBatchOutcome(result, this.settings.reportsItems, identifiers);
    if (outcome.kind === "failed") return;
    await this.delete(
      outcome.kind === "partial"
        ? messages.filter(({ MessageId }) => !outcome.failed.has(MessageId))
        : messages,
    );
  }

  private async delete(messages: readonly ReceivedMessage[]): Promise<void> {
    for (let start = 0; start < messages.length; start += MOST_MESSAGES) {
      const Entries = messages
        .slice(start, start + MOST_MESSAGES)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await this.call("DeleteMessageBatch", { Entries });
    }
  }

  private call(action: string, input: object, signal?: AbortSignal): Promise<unknown> {
    return this.context.sqs.call(
      action,
      { QueueUrl: this.url, ...input },
      this.context.function.caller,
      signal,
    );
  }
}

/** Invocations of no more than the largest payload. */
function splitBySize(items: readonly QueueItem[]): QueueItem[][] {
  const batches: QueueItem[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const size = Buffer.byteLength(item.json) + 1;
    if (bytes + size > LARGEST_PAYLOAD_BYTES - EVENT_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(item);
    bytes += size;
  }
  return batches;
}

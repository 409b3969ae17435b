import { DeleteMessageCommand, SendMessageCommand, SQSClient, type Message } from "@aws-sdk/client-sqs";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "../../tools/command";
import { explainAwsError } from "../awsErrors";
import type { OrderKey } from "../failures/failedMessage";
import { receiveBatch, releaseMessages } from "../failures/receive";
import { readBatchOrders } from "../failures/streamFailure";
import type { QueueName } from "../queues";
import type { Stack } from "../target";
import type { AuditEntry, AuditLog } from "./audit";
import { ordersOf, type Step } from "./plan";
import { startDelivery } from "./startDelivery";

export interface CarryOutOptions {
  /** Steps a second. */
  readonly rate: number;
  /** Whether to start even a delivery that may be under way. */
  readonly force: boolean;
  readonly audit: AuditLog;
  readonly signal: AbortSignal;
  /** Told after each step. */
  readonly onStep: () => void;
}

/** What has become of a plan's steps. */
export interface Result {
  done: number;
  /** What went wrong, by step. */
  readonly failed: { readonly step: Step; readonly error: string }[];
  /** Deliveries that needed no start. */
  readonly unneeded: { readonly orderId: string; readonly why: string }[];
}

type MessageStep = Exclude<Step, { action: "start" }>;

/**
 * Does what was planned, one step after the other. A message leaves the failure queue only after it has been sent, so
 * an interruption loses nothing: a second run finishes what the first has not, and repeats at most one step.
 */
export class CarryOut {
  /** When the next step may begin. */
  private nextAt = 0;

  /** @param result is told what has been done, however the run ends */
  constructor(
    private readonly stack: Stack,
    private readonly options: CarryOutOptions,
    private readonly result: Result,
  ) {}

  /** @throws CommandError when nothing more can be done, such as when the credentials expire */
  async run(steps: readonly Step[]): Promise<void> {
    const queues = new Map<string, MessageStep[]>();
    for (const step of steps)
      if (step.action !== "start")
        queues.set(step.queue.name, [...(queues.get(step.queue.name) ?? []), step]);
    for (const ofQueue of queues.values()) await this.takeFrom(ofQueue);
    for (const step of steps)
      if (step.action === "start") await this.attempt(step, () => this.start(step.record, step.again));
  }

  /** Receives a queue's messages again, and does the steps of those that are planned. */
  private async takeFrom(steps: readonly MessageStep[]): Promise<void> {
    const queue = steps[0]?.queue;
    if (!queue) return;
    const waiting = new Map(steps.map((step) => [step.message.messageId, step]));
    const others = new Map<string, Message>();
    try {
      while (waiting.size > 0 && !this.options.signal.aborted) {
        const batch = await receiveBatch(this.stack, queue);
        // Nothing is left, or what was put aside has come round again.
        if (batch.every(({ MessageId = "" }) => others.has(MessageId))) break;
        for (const message of batch) {
          const id = message.MessageId ?? "";
          others.set(id, message);
          const step = waiting.get(id);
          if (!step) continue;
          const isDone = await this.attempt(step, () => this.process(step, message));
          if (isDone !== undefined) waiting.delete(id);
          if (isDone) others.delete(id);
        }
      }
    } finally {
      await releaseMessages(this.stack, queue, [...others.values()]);
    }
    if (this.options.signal.aborted) return;
    for (const step of waiting.values())
      this.fail(step, "it is not in the queue any more, or somebody else has received it");
  }

  /** @returns whether the step is done; undefined when Ctrl-C came first */
  private async attempt(step: Step, work: () => Promise<unknown>): Promise<boolean | undefined> {
    await this.pace();
    if (this.options.signal.aborted) return undefined;
    try {
      await work();
      this.result.done++;
      return true;
    } catch (error) {
      const explained = explainAwsError(error, this.stack);
      this.fail(step, explained instanceof Error ? explained.message : String(explained));
      if (explained instanceof CommandError) throw explained;
      return false;
    } finally {
      this.options.onStep();
    }
  }

  private async pace(): Promise<void> {
    const now = Date.now();
    const wait = this.nextAt - now;
    this.nextAt = Math.max(now, this.nextAt) + 1_000 / this.options.rate;
    // Ctrl-C ends the wait; the caller looks at the signal.
    if (wait > 0) await sleep(wait, undefined, { signal: this.options.signal }).catch(() => undefined);
  }

  private async process(step: MessageStep, message: Message): Promise<void> {
    switch (step.action) {
      case "send":
        await this.send(step, message);
        return;
      case "startOrders":
        if ((await this.startOrders(step)) === 0) this.audit(step, { action: "dropped" });
        break;
      case "drop":
        this.audit(step, { action: "dropped" });
        break;
    }
    await this.remove(step.queue, message);
  }

  /** With every attribute that it came with, the trace included. */
  private async send(step: MessageStep & { readonly action: "send" }, message: Message): Promise<void> {
    const trace = message.Attributes?.AWSTraceHeader;
    await this.stack.client(SQSClient).send(
      new SendMessageCommand({
        QueueUrl: step.to,
        MessageBody: message.Body,
        MessageAttributes: message.MessageAttributes,
        ...(trace !== undefined && {
          MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: trace } },
        }),
      }),
    );
    this.audit(step, { action: "sent", target: step.to });
    await this.remove(step.queue, message);
  }

  private async remove(queue: QueueName, { ReceiptHandle }: Message): Promise<void> {
    await this.stack.client(SQSClient).send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle }));
  }

  /** @returns how many deliveries were started: the others are under way, done, or marked as undelivered */
  private async startOrders({ message: { batch, orders } }: MessageStep): Promise<number> {
    const about = batch ? await readBatchOrders(this.stack, batch) : orders;
    if (!about)
      throw new Error("Its orders are no longer in the stream (24 hours): see orders --undelivered.");
    let started = 0;
    for (const order of about) if (await this.start(order)) started++;
    return started;
  }

  private async start({ customerId, orderId }: OrderKey, again = false): Promise<boolean> {
    if (customerId === undefined) throw new Error("It does not tell whose order it is.");
    const { force } = this.options;
    const start = await startDelivery(this.stack, { customerId, orderId }, { again, force });
    if (start.started)
      this.options.audit.write({ action: "started", orderIds: [orderId], target: start.executionArn });
    else this.result.unneeded.push({ orderId, why: start.why });
    return start.started;
  }

  private fail(step: Step, error: string): void {
    this.result.failed.push({ step, error });
    this.audit(step, { action: "failed", error });
  }

  private audit(step: Step, entry: Omit<AuditEntry, "orderIds">): void {
    const { audit } = this.options;
    const orderIds = ordersOf(step).map(({ orderId }) => orderId);
    if (step.action === "start") audit.write({ ...entry, orderIds });
    else audit.write({ ...entry, queue: step.queue.name, messageId: step.message.messageId, orderIds });
  }
}

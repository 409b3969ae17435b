import type { SQSRecord } from "aws-lambda";
import { idempotentConsumer } from "../examples/idempotentConsumer";
import { EffectTable } from "./effects";
import type { Orders, Version } from "./orders";

import { seededRandom, type Random } from "../local/faults/random";
import type { World } from "./world";

/** How the downstream services behave. */
export interface ConsumerFaults {
  /** The part of events that the service's own table refuses. */
  readonly failing?: number;
  /** The part of events that have effect, and the service is not told. */
  readonly unsure?: number;
  /** The part of batches after which the service crashes: done, but not deleted. */
  readonly forgetting?: number;
}

interface Message {
  readonly MessageId: string;
  readonly Body: string;
  readonly ReceiptHandle: string;
}

const BATCH = 10;

/** Whatever fails, nobody delivers an order more often: something starts it again for ever. */
const RECEIVES_MAX = 200;

/** An order comes again and again: what happens to it has no end. */
export class EndlessDelivery extends Error {
  override readonly name = "EndlessDelivery";

  constructor(
    readonly orderId: string,
    service: string,
  ) {
    super(`${service} got it ${RECEIVES_MAX} times, and it goes on`);
  }
}

/** One downstream service: the example consumer on its queue, and a note of every event that came. */
export class Consumer {
  private readonly table = new EffectTable();
  /** How often each order's event came. */
  readonly received: Uint16Array;
  /** Which content came, by order: bit 0 for the first, bit 1 for the second. */
  readonly versions: Uint8Array;
  /** Bodies that are no event of an order as it was posted. */
  readonly strange: string[] = [];
  private readonly random: Random;
  private stopped = false;
  faults: ConsumerFaults = {};

  constructor(
    readonly service: string,
    private readonly world: World,
    private readonly orders: Orders,
    seed: number,
  ) {
    this.received = new Uint16Array(orders.count);
    this.versions = new Uint8Array(orders.count);
    this.random = seededRandom(seed);
  }

  /**
   * Polls until it is stopped.
   *
   * @throws EndlessDelivery
   */
  async run(): Promise<void> {
    const url = this.world.outputs.downstreamQueueUrls[this.service] ?? "";
    const handler = idempotentConsumer({
      dynamodb: this.table.client(() => this.failure()),
      tableName: this.table.tableName,
      effect: (event, tableName) => this.table.effect(event, tableName),
      now: () => this.world.now(),
    });
    while (!this.stopped) {
      const { Messages = [] } = (await this.world.call("sqs", "ReceiveMessage", {
        QueueUrl: url,
        MaxNumberOfMessages: BATCH,
        WaitTimeSeconds: 20,
      })) as { Messages?: Message[] };
      if (Messages.length === 0) continue;
      for (const { Body } of Messages) this.note(Body);
      const { batchItemFailures } = await handler({ Records: Messages.map(recordOf) });
      if (this.random() < (this.faults.forgetting ?? 0)) continue;
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      const Entries = Messages.filter(({ MessageId }) => !failed.has(MessageId)).map(
        ({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }),
      );
      if (Entries.length > 0) await this.world.call("sqs", "DeleteMessageBatch", { QueueUrl: url, Entries });
    }
  }

  /** Once the run has ended its long polls. */
  stop(): void {
    this.stopped = true;
  }

  effects(): ReturnType<EffectTable["effects"]> {
    return this.table.effects();
  }

  close(): void {
    this.table.close();
  }

  private failure(): "refused" | "notTold" | undefined {
    const { failing = 0, unsure = 0 } = this.faults;
    const chance = this.random();
    if (chance < failing) return "refused";
    return chance < failing + unsure ? "notTold" : undefined;
  }

  /** The event ends with the posted members as they were posted, byte for byte. */
  private note(body: string): void {
    const id = /^.{0,200}?"subject":"([0-9a-f-]{36})"/.exec(body)?.[1];
    const n = id === undefined ? undefined : this.orders.numberOf(id);
    const version =
      n === undefined ? undefined : this.orders.versionsOf(n).find((one) => this.isEventOf(body, n, one));
    if (n === undefined || version === undefined) this.strange.push(body);
    else {
      const times = (this.received[n] = (this.received[n] ?? 0) + 1);
      if (times > RECEIVES_MAX) throw new EndlessDelivery(this.orders.idOf(n), this.service);
      this.versions[n] = (this.versions[n] ?? 0) | (1 << version);
    }
  }

  private isEventOf(body: string, n: number, version: Version): boolean {
    return body.endsWith(`",${this.orders.bodyOf(n, version).slice(1)}}`);
  }
}

function recordOf({ MessageId, Body, ReceiptHandle }: Message): SQSRecord {
  return {
    messageId: MessageId,
    body: Body,
    receiptHandle: ReceiptHandle,
    messageAttributes: {},
  } as unknown as SQSRecord;
}

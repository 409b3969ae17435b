import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { Order } from "../../../contracts/order";
import type { OrderRecord, PlacedOrder } from "../../../contracts/orderRecord";
import type { OrderUpdate } from "../../../contracts/reconciliation";
import { executionName, workflowInputOf } from "../../../contracts/workflowInput";
import { opsCommand } from "../../../ops/opsCommand";
import { readOrder } from "../../../ops/orders";
import { openStack, type Stack } from "../../../ops/target";
import { Customer, openUnscheduled, Queues, type Target } from "../../orderFlow/target";
import { anOrder } from "../../support/orders";
import { waitFor } from "../../support/waitFor";
import { runTool, type ToolResult } from "../../tools/runTool";
import { noteActions } from "./policies";

const CUSTOMER = "customer-1";

type Standing = "PENDING" | "DELIVERED" | "FAILED" | "REJECTED";

/** An operator at a local run of their own, and a customer who places orders there. */
export class Operator {
  /** IAM actions that the commands have needed so far. */
  readonly called = new Set<string>();

  private constructor(
    readonly target: Target,
    readonly folder: string,
    readonly stack: Stack,
    readonly queues: Queues,
  ) {}

  static async start(): Promise<Operator> {
    const target = await openUnscheduled();
    const folder = mkdtempSync(join(tmpdir(), "ops-test-"));
    const file = join(folder, "outputs.json");
    writeFileSync(file, JSON.stringify(target.local?.outputs));
    const stack = await openStack(undefined, { ...worldOf(folder), signal: new AbortController().signal });
    return new Operator(target, folder, stack, new Queues(target));
  }

  async stop(): Promise<void> {
    this.stack.close();
    this.queues.close();
    rmSync(this.folder, { recursive: true });
    await this.target.close();
  }

  /** Opens a stack, and notes which actions are called. */
  private readonly open: typeof openStack = async (...args) => {
    const stack = await openStack(...args);
    noteActions(stack, this.called);
    return stack;
  };

  /**
   * Runs a command; what differs from run to run in its answer is replaced.
   *
   * @param onOutput sees what it prints while it runs
   */
  async ops(
    command: string,
    signal = new AbortController().signal,
    onOutput: (text: string) => void = () => undefined,
  ): Promise<ToolResult> {
    const argv = command.split(" ").map((part) => part.replaceAll("_", " "));
    // Where a command waits for messages that do not come, the local run's time goes faster.
    const hurry = setInterval(() => this.target.local?.clock.advance(200), 20);
    const world = { ...worldOf(this.folder), signal };
    const run = runTool((args, terminal) => opsCommand(args, terminal, this.open), argv, world, onOutput);
    const { exitCode, stdout, stderr } = await run.finally(() => clearInterval(hurry));
    return { exitCode, stdout: normalised(stdout), stderr: normalised(stderr) };
  }

  /** The lines that a command prints. */
  async lines(command: string): Promise<string[]> {
    const { exitCode, stdout, stderr } = await this.ops(command);
    expect([exitCode, stderr]).toEqual([0, ""]);
    return stdout.trimEnd().split("\n");
  }

  /** Posts an order; its id. */
  async place(overrides: Partial<Order> = {}): Promise<string> {
    const order = anOrder({ orderId: randomUUID(), ...overrides });
    // With a new token each time: tests move the clock past the life of one.
    const customer = await Customer.of(this.target, CUSTOMER);
    expect((await customer.post(order)).status).toBe(202);
    return order.orderId;
  }

  /** Posts an order and waits until it is delivered; its id. */
  async deliver(overrides: Partial<Order> = {}): Promise<string> {
    const orderId = await this.place(overrides);
    await this.until(orderId, "DELIVERED");
    return orderId;
  }

  /** Waits until an order's delivery stands so, or it is REJECTED. */
  async until(orderId: string, status: Standing, attempts = 0): Promise<void> {
    await waitFor(() => this.stands(orderId, status, attempts));
  }

  /** Whether an order's delivery stands so, after at least so many attempts, or it is REJECTED. */
  async stands(orderId: string, status: Standing, attempts = 0): Promise<boolean> {
    const record = await readOrder(this.stack, CUSTOMER, orderId);
    if (record?.status !== "PLACED") return record?.status === status;
    return record.delivery.status === status && record.delivery.attempts >= attempts;
  }

  /** Lets time pass, as the pauses of retries need it, until a condition holds. */
  async passTime(until: () => boolean | Promise<boolean>): Promise<void> {
    await waitFor(
      async () => {
        if (await until()) return true;
        this.target.local?.clock.advance(1_000);
        return false;
      },
      { timeoutMs: 15_000 },
    );
  }

  /** The order's record. */
  async record(orderId: string): Promise<OrderRecord> {
    const record = await readOrder(this.stack, CUSTOMER, orderId);
    if (!record) throw new Error(`Order ${orderId} is not stored.`);
    return record;
  }

  /** The order's record, which is placed. */
  async placed(orderId: string): Promise<PlacedOrder> {
    const record = await this.record(orderId);
    if (record.status !== "PLACED") throw new Error(`Order ${orderId} is not placed.`);
    return record;
  }

  /** Changes a stored order as somebody else would. */
  async update(update: OrderUpdate): Promise<void> {
    await this.stack
      .client(DynamoDBClient)
      .send(new UpdateItemCommand({ TableName: this.stack.outputs.ordersTableName, ...update }));
  }

  /** Starts an execution for an order that is stored. */
  async startExecution(orderId: string, attempt: number): Promise<void> {
    const record = await this.placed(orderId);
    await this.stack.client(SFNClient).send(
      new StartExecutionCommand({
        stateMachineArn: this.stack.outputs.stateMachineArn,
        name: executionName(orderId, attempt),
        input: workflowInputOf(record),
      }),
    );
  }

  /** Puts a message on the order queue past the API. */
  async send(body: string, customerId?: string): Promise<void> {
    await this.queues.client.send(
      new SendMessageCommand({
        QueueUrl: this.target.outputs.ordersQueueUrl,
        MessageBody: body,
        ...(customerId !== undefined && {
          MessageAttributes: { customerId: { DataType: "String", StringValue: customerId } },
        }),
      }),
    );
  }

  /** Moves the clock past as many visibility timeouts as the order queue grants receives. */
  async untilDeadLettered(count: number): Promise<void> {
    const { ordersQueueUrl, deadLetterQueueUrls } = this.target.outputs;
    await waitFor(
      async () => {
        if ((await this.queues.depth(deadLetterQueueUrls["orders"] ?? "")).visible === count) return true;
        const { visible, inFlight } = await this.queues.depth(ordersQueueUrl);
        if (visible === 0 && inFlight > 0) this.target.local?.clock.advance(60_001);
        return false;
      },
      { timeoutMs: 15_000 },
    );
  }
}

function worldOf(folder: string) {
  return { env: { LOCAL_OUTPUTS_FILE: join(folder, "outputs.json") }, projectRoot: folder };
}

/** Without ids, times and ages; columns stand two blanks apart. */
export function normalised(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID")
    .replace(/\(request [^)]+\)/g, "(request ID)")
    .replace(/\b\d+\.\d{3} s\b/g, "N s")
    .replace(/\b\d+ (s|min|h|d)\b/g, "AGE")
    .replace(/ {2,}/g, "  ")
    .replace(/ +$/gm, "");
}

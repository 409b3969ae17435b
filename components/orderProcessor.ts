import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import type { ProcessOrdersVariables } from "../contracts/environment";
import { alarm, AT_ONCE } from "./alarm";
import type { AlarmTopic } from "./alarmTopic";
import type { EncryptionKey } from "./encryptionKey";
import { HandlerFunction } from "./handlerFunction";
import { allow } from "./iam";
import { ORDER_FUNCTION_TIMEOUT_SECONDS, type OrderQueue } from "./orderQueue";
import type { OrderTable } from "./orderTable";

/** Orders in one invocation. */
export const ORDER_BATCH_SIZE = 10;

export interface OrderProcessorArgs {
  readonly key: EncryptionKey;
  readonly queue: OrderQueue;
  readonly table: OrderTable;
  /** Invocations at once, 2 to 1,000. */
  readonly maximumConcurrency: number;
  readonly logRetentionDays: number;
  readonly protect: boolean;
  readonly alarms: AlarmTopic;
}

/** Hop 3: stores each order of the queue in the table, once. */
export class OrderProcessor extends pulumi.ComponentResource {
  readonly function: HandlerFunction;

  constructor(name: string, args: OrderProcessorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:OrderProcessor", name, {}, opts);
    const { queue } = args.queue;
    const environment: ProcessOrdersVariables<pulumi.Input<string>> = { ORDERS_TABLE_NAME: args.table.name };
    this.function = new HandlerFunction(
      name,
      {
        handler: "processOrders",
        description: "Stores the orders of the order queue.",
        timeoutSeconds: ORDER_FUNCTION_TIMEOUT_SECONDS,
        memoryMegabytes: 512,
        environment,
        statements: [
          allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queue.arn),
          args.key.allowThrough("sqs", ["kms:Decrypt"]),
          ...args.table.allowItems(["dynamodb:PutItem"]),
        ],
        key: args.key,
        logRetentionDays: args.logRetentionDays,
        protect: args.protect,
        alarms: args.alarms,
      },
      { parent: this },
    );
    new lambda.EventSourceMapping(
      name,
      {
        eventSourceArn: queue.arn,
        functionName: this.function.arn,
        batchSize: ORDER_BATCH_SIZE,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency: args.maximumConcurrency },
      },
      { parent: this, dependsOn: [this.function.permissions] },
    );
    alarm(
      `${name}-rejected`,
      {
        alarms: args.alarms,
        metric: this.function.reported("OrdersRejected"),
        statistic: "Sum",
        above: 0,
        // Such an order is paid for, and nothing will ever deliver it.
        window: AT_ONCE,
        meaning:
          "An order that the API accepted was stored as rejected: its client has to place a corrected one.",
        runbook: "orders-rejected",
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

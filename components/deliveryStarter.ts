import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import type { StartDeliveriesVariables } from "../contracts/environment";
import { ORDER_STATUS } from "../contracts/orderRecord";
import { alarm, LASTING } from "./alarm";
import type { AlarmTopic } from "./alarmTopic";
import type { DeliveryWorkflow } from "./deliveryWorkflow";
import type { EncryptionKey } from "./encryptionKey";
import { FailureQueue } from "./failureQueue";
import { HandlerFunction } from "./handlerFunction";
import { allow } from "./iam";
import type { OrderTable } from "./orderTable";

/** Orders in one invocation; they are started side by side. */
export const DELIVERY_BATCH_SIZE = 10;

/** Only a new order that is to be delivered: the workflow's own updates must not start it again. */
const NEW_PLACED_ORDER = {
  eventName: ["INSERT"],
  dynamodb: { NewImage: { status: { S: [ORDER_STATUS.placed] } } },
};

/** How far behind the stream the function may be: beyond an hour, records go to the failure queue. */
const ITERATOR_AGE_ALARM_MILLISECONDS = 5 * 60_000;

export interface DeliveryStarterArgs {
  readonly key: EncryptionKey;
  readonly table: OrderTable;
  readonly workflow: DeliveryWorkflow;
  /** Batches of one shard at once, 1 to 10. */
  readonly parallelizationFactor: number;
  readonly logRetentionDays: number;
  readonly protect: boolean;
  readonly alarms: AlarmTopic;
}

/** Hop 5: starts the delivery workflow for each order that the table's stream shows as placed. */
export class DeliveryStarter extends pulumi.ComponentResource {
  readonly function: HandlerFunction;
  /** What of the stream could not be processed: metadata only, the records stay in the stream for 24 hours. */
  readonly failureQueue: FailureQueue;

  constructor(name: string, args: DeliveryStarterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:DeliveryStarter", name, {}, opts);
    const { key, protect, alarms } = args;
    this.failureQueue = new FailureQueue(`${name}-failures`, { key, protect, alarms }, { parent: this });
    const environment: StartDeliveriesVariables<pulumi.Input<string>> = {
      STATE_MACHINE_ARN: args.workflow.arn,
    };
    this.function = new HandlerFunction(
      name,
      {
        handler: "startDeliveries",
        description: "Starts the delivery of each placed order.",
        timeoutSeconds: 10,
        memoryMegabytes: 512,
        environment,
        statements: [
          ...args.table.allowStream(),
          allow(["states:StartExecution"], args.workflow.arn),
          allow(["sqs:SendMessage"], this.failureQueue.arn),
          key.allowSending("sqs"),
        ],
        key,
        logRetentionDays: args.logRetentionDays,
        protect,
        alarms,
      },
      { parent: this },
    );
    this.subscribe(name, args);
    alarm(
      `${name}-iterator-age`,
      {
        alarms,
        metric: this.function.metric("IteratorAge"),
        statistic: "Maximum",
        above: ITERATOR_AGE_ALARM_MILLISECONDS,
        window: LASTING,
        meaning: "Placed orders wait for minutes in the table's stream until their delivery starts.",
        runbook: "stream-falls-behind",
      },
      { parent: this },
    );
    this.registerOutputs({});
  }

  private subscribe(name: string, args: DeliveryStarterArgs): void {
    new lambda.EventSourceMapping(
      name,
      {
        eventSourceArn: args.table.streamArn,
        functionName: this.function.arn,
        batchSize: DELIVERY_BATCH_SIZE,
        parallelizationFactor: args.parallelizationFactor,
        // From the oldest record, so that orders placed while the mapping is being created are not missed.
        startingPosition: "TRIM_HORIZON",
        filterCriteria: { filters: [{ pattern: JSON.stringify(NEW_PLACED_ORDER) }] },
        functionResponseTypes: ["ReportBatchItemFailures"],
        bisectBatchOnFunctionError: true,
        // Bounded, or one bad record would hold up its shard for a day.
        maximumRetryAttempts: 5,
        maximumRecordAgeInSeconds: 3_600,
        destinationConfig: { onFailure: { destinationArn: this.failureQueue.arn } },
      },
      { parent: this, dependsOn: [this.function.permissions] },
    );
  }
}

import * as lambda from "@pulumi/aws/lambda";
import * as scheduler from "@pulumi/aws/scheduler";
import * as pulumi from "@pulumi/pulumi";
import type { ReconcileDeliveriesVariables } from "../contracts/environment";
import type { Account } from "./account";
import { alarm, BETWEEN_REPORTS } from "./alarm";
import type { AlarmTopic } from "./alarmTopic";
import type { DeliveryWorkflow } from "./deliveryWorkflow";
import type { EncryptionKey } from "./encryptionKey";
import { FailureQueue } from "./failureQueue";
import { HandlerFunction } from "./handlerFunction";
import { allow, serviceRole } from "./iam";
import type { OrderTable } from "./orderTable";

/** How often undelivered orders are looked for. */
const EVERY_MINUTES = 5;

/** Less than the time between two runs, so that a run is over before the next. */
const FUNCTION_TIMEOUT_SECONDS = 240;

/** An order that waits for longer is not helped by being started again. */
const AGE_ALARM_SECONDS = 3_600;

export interface DeliveryReconcilerArgs {
  readonly account: Account;
  readonly key: EncryptionKey;
  readonly table: OrderTable;
  readonly workflow: DeliveryWorkflow;
  /** How old an undelivered order is when it is taken up the first time; at least twice the workflow's timeout. */
  readonly undeliveredAfterMinutes: number;
  /** How often an order's delivery is started again before it is given up. */
  readonly attempts: number;
  /** How many orders one run takes up. */
  readonly ordersPerRun: number;
  readonly logRetentionDays: number;
  readonly protect: boolean;
  readonly alarms: AlarmTopic;
}

/** Hop 10: takes up the orders that are undelivered for too long, and gives up loudly after a number of attempts. */
export class DeliveryReconciler extends pulumi.ComponentResource {
  readonly function: HandlerFunction;
  /** The orders that were given up: an operator has to decide. */
  readonly deliveryFailures: FailureQueue;
  /** Runs that failed, with what Lambda says of them. */
  readonly runFailures: FailureQueue;
  /** Runs that the schedule could not begin. */
  readonly scheduleFailures: FailureQueue;

  constructor(name: string, args: DeliveryReconcilerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:DeliveryReconciler", name, {}, opts);
    const failureQueue = (queueName: string) => new FailureQueue(queueName, args, { parent: this });
    this.deliveryFailures = failureQueue("delivery-failures");
    this.runFailures = failureQueue(`${name}-failures`);
    this.scheduleFailures = failureQueue(`${name}-schedule-failures`);
    this.function = this.reconciler(name, args);
    this.invokeOnSchedule(name, args);
    this.watch(name, args.alarms);
    this.registerOutputs({});
  }

  private reconciler(name: string, args: DeliveryReconcilerArgs): HandlerFunction {
    const { key, table, workflow, logRetentionDays, protect, alarms } = args;
    const environment: ReconcileDeliveriesVariables<pulumi.Input<string>> = {
      ORDERS_TABLE_NAME: table.name,
      STATE_MACHINE_ARN: workflow.arn,
      DELIVERY_FAILURES_QUEUE_URL: this.deliveryFailures.url,
      UNDELIVERED_AFTER_SECONDS: String(args.undeliveredAfterMinutes * 60),
      RECONCILIATIONS_MAX: String(args.attempts),
      ORDERS_PER_RUN_MAX: String(args.ordersPerRun),
    };
    return new HandlerFunction(
      name,
      {
        handler: "reconcileDeliveries",
        description: "Starts the delivery of orders again that are undelivered for too long.",
        timeoutSeconds: FUNCTION_TIMEOUT_SECONDS,
        memoryMegabytes: 512,
        // A run that takes long is not overtaken. Orders are claimed one by one, so this saves work, not orders.
        reservedConcurrency: 1,
        environment,
        statements: [
          table.allowUndelivered(["dynamodb:Query"]),
          ...table.allowItems(["dynamodb:BatchGetItem", "dynamodb:UpdateItem"]),
          allow(["states:StartExecution"], workflow.arn),
          allow(["sqs:SendMessage"], [this.deliveryFailures.arn, this.runFailures.arn]),
          key.allowSending("sqs"),
        ],
        ...{ key, logRetentionDays, protect, alarms },
      },
      { parent: this },
    );
  }

  private invokeOnSchedule(name: string, { account, key }: DeliveryReconcilerArgs): void {
    // Of its own: metrics, and who may take the role, are told by the group.
    const group = new scheduler.ScheduleGroup(name, {}, { parent: this });
    const { role, policy } = serviceRole(
      `${name}-schedule`,
      {
        service: "scheduler.amazonaws.com",
        description: "Invokes the reconciler on schedule.",
        // EventBridge Scheduler User Guide, confused deputy prevention: by the group, not the schedule.
        trustCondition: { StringEquals: { "aws:SourceAccount": account.id, "aws:SourceArn": group.arn } },
        statements: [
          allow(["lambda:InvokeFunction"], this.function.arn),
          allow(["sqs:SendMessage"], this.scheduleFailures.arn),
          key.allowSending("sqs"),
        ],
      },
      { parent: this },
    );
    const settings = new lambda.FunctionEventInvokeConfig(
      name,
      {
        functionName: this.function.name,
        maximumRetryAttempts: 2,
        maximumEventAgeInSeconds: 3_600,
        destinationConfig: { onFailure: { destination: this.runFailures.arn } },
      },
      { parent: this, dependsOn: [this.function.permissions] },
    );
    new scheduler.Schedule(
      name,
      {
        description: "Looks for orders that are undelivered for too long.",
        groupName: group.name,
        scheduleExpression: `rate(${EVERY_MINUTES} minutes)`,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: this.function.arn,
          roleArn: role.arn,
          deadLetterConfig: { arn: this.scheduleFailures.arn },
          // A run that could not begin for an hour has been overtaken by a dozen others.
          retryPolicy: { maximumEventAgeInSeconds: 3_600, maximumRetryAttempts: 10 },
        },
      },
      { parent: this, dependsOn: [policy, settings] },
    );
  }

  private watch(name: string, alarms: AlarmTopic): void {
    alarm(
      `${name}-undelivered`,
      {
        alarms,
        metric: this.function.reported("UndeliveredOrders"),
        statistic: "Maximum",
        above: 0,
        window: BETWEEN_REPORTS,
        meaning: "Placed orders are undelivered for too long; their delivery has been started again.",
        runbook: "orders-undelivered",
      },
      { parent: this },
    );
    alarm(
      `${name}-undelivered-age`,
      {
        alarms,
        metric: this.function.reported("OldestUndeliveredAge"),
        statistic: "Maximum",
        above: AGE_ALARM_SECONDS,
        window: BETWEEN_REPORTS,
        meaning: "A placed order is undelivered for more than an hour: starting it again does not help.",
        runbook: "orders-undelivered",
      },
      { parent: this },
    );
  }
}

import * as sfn from "@pulumi/aws/sfn";
import * as pulumi from "@pulumi/pulumi";
import { deliveryWorkflow } from "../workflow/delivery";
import type { Account } from "./account";
import { alarm, anyOf, type Metric } from "./alarm";
import type { AlarmTopic } from "./alarmTopic";
import type { EncryptionKey } from "./encryptionKey";
import { allow, serviceRole, type PolicyStatement } from "./iam";
import { logGroup } from "./logGroup";
import type { OrderEvents } from "./orderEvents";
import type { OrderTable } from "./orderTable";

/**
 * Step Functions sets up log delivery with these; they have no resource to name (Step Functions Developer Guide,
 * logging to CloudWatch Logs, IAM policies).
 */
const LOG_DELIVERY: PolicyStatement = allow(
  [
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
  ],
  "*",
);

/** X-Ray has no resources to name (Service Authorization Reference, AWS X-Ray). */
const TRACING: PolicyStatement = allow(
  ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
  "*",
);

export interface DeliveryWorkflowArgs {
  readonly account: Account;
  readonly key: EncryptionKey;
  readonly events: OrderEvents;
  readonly table: OrderTable;
  /** How long the executions' history is kept: the log holds it, and with it the addresses of customers. */
  readonly historyRetentionDays: number;
  readonly protect: boolean;
  readonly alarms: AlarmTopic;
}

/** Hops 6 and 9: publishes an order's event and records the delivery on the order, one execution per order. */
export class DeliveryWorkflow extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly logGroupName: pulumi.Output<string>;

  constructor(name: string, args: DeliveryWorkflowArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:DeliveryWorkflow", name, {}, opts);
    const { account, events, table } = args;
    const history = logGroup(
      name,
      {
        // The prefix keeps the group out of a resource policy that may hold 5,120 characters.
        namePrefix: `/aws/vendedlogs/states/${name}-`,
        key: args.key,
        retentionDays: args.historyRetentionDays,
        protect: args.protect,
      },
      { parent: this },
    );
    const { role, policy } = serviceRole(
      name,
      {
        service: "states.amazonaws.com",
        description: "Delivers orders: publishes their events and records the delivery.",
        trustCondition: { StringEquals: { "aws:SourceAccount": account.id } },
        statements: [
          ...events.allowPublish(),
          ...table.allowItems(["dynamodb:UpdateItem"]),
          LOG_DELIVERY,
          TRACING,
        ],
      },
      { parent: this },
    );
    const machine = new sfn.StateMachine(
      name,
      {
        type: "EXPRESS",
        roleArn: role.arn,
        definition: pulumi
          .all([events.arn, table.name])
          .apply(([topicArn, tableName]) => JSON.stringify(deliveryWorkflow({ topicArn, tableName }))),
        loggingConfiguration: {
          level: "ALL",
          includeExecutionData: true,
          logDestination: pulumi.interpolate`${history.arn}:*`,
        },
        tracingConfiguration: { enabled: true },
      },
      // Creation checks that the role may log.
      { parent: this, dependsOn: [policy] },
    );
    this.arn = machine.arn;
    this.logGroupName = history.name;
    this.watch(name, args.alarms);
    this.registerOutputs({ arn: this.arn, logGroupName: this.logGroupName });
  }

  /** A metric that Step Functions keeps of the machine. */
  metric(name: string): Metric {
    return { namespace: "AWS/States", name, dimensions: { StateMachineArn: this.arn } };
  }

  /** At once: the workflow has tried again by itself for minutes before an execution ends so. */
  private watch(name: string, alarms: AlarmTopic): void {
    alarm(
      `${name}-executions-failed`,
      anyOf({
        alarms,
        metric: this.metric("ExecutionsFailed"),
        meaning: "An order could not be delivered, or its delivery could not be recorded.",
        runbook: "executions-failed",
      }),
      { parent: this },
    );
    alarm(
      `${name}-executions-timed-out`,
      anyOf({
        alarms,
        metric: this.metric("ExecutionsTimedOut"),
        meaning:
          "A delivery took longer than the workflow may: whether the order was published is not recorded.",
        runbook: "executions-timed-out",
      }),
      { parent: this },
    );
  }
}

/** Actions that are allowed although nothing of the local run asks for them. */
export interface Unexercised {
  /** Roles by the program's names, or resources as in `queue fulfillment`. Each of them allows each of the actions. */
  readonly holders: readonly string[];
  readonly actions: readonly string[];
  /** The service that may use them, or through which alone a role may. */
  readonly through?: string;
  /** Why they stay all the same. */
  readonly reason: string;
  /** Where AWS says so. */
  readonly source: string;
}

const FUNCTIONS = ["process-orders", "start-deliveries", "reconcile-deliveries"];

/**
 * The one place for permissions that stay though no check fails without them. An entry that a check shows to be
 * needed, or that nothing allows any more, fails the run: the list cannot go stale.
 */
export const UNEXERCISED: readonly Unexercised[] = [
  {
    holders: FUNCTIONS,
    actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    reason: "Lambda sends the function's traces as its role; nothing here takes traces",
    source:
      "Lambda Developer Guide, Visualize Lambda function invocations using AWS X-Ray, execution role permissions",
  },
  {
    holders: ["deliver-orders"],
    actions: [
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
    ],
    reason: "a state machine with tracing needs all four; nothing here takes traces",
    source: "Step Functions Developer Guide, IAM policies for AWS X-Ray",
  },
  {
    holders: [...FUNCTIONS, "deliver-orders", "orders-query", "orders-getitem"],
    actions: [
      "kms:Encrypt",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:DescribeKey",
    ],
    through: "dynamodb",
    reason:
      "DynamoDB uses the table's key in the name of whoever calls it, and only it knows when it makes or changes a " +
      "table key; the local run asks for the Decrypt of each access",
    source:
      "DynamoDB Developer Guide, DynamoDB encryption at rest, authorizing use of a customer managed key",
  },
  {
    holders: ["orders-logging"],
    actions: [
      "logs:CreateLogGroup",
      "logs:DescribeLogGroups",
      "logs:DescribeLogStreams",
      "logs:GetLogEvents",
      "logs:FilterLogEvents",
    ],
    reason:
      "the role is the account's, for every API of the region, and API Gateway asks for the whole managed policy; the " +
      "local run writes access logs to groups that are there",
    source:
      "API Gateway Developer Guide, Permissions for CloudWatch logging; AWS Managed Policy Reference, " +
      "AmazonAPIGatewayPushToCloudWatchLogs",
  },
  {
    holders: ["key orders"],
    actions: ["kms:GenerateDataKey", "kms:Decrypt"],
    through: "scheduler",
    reason:
      "a schedule's encrypted dead-letter queue needs it besides the schedule's role; the local run asks for the role's",
    source:
      "EventBridge Scheduler User Guide, Troubleshooting, dead-letter queues with a customer managed key",
  },
  {
    holders: ["key orders"],
    actions: ["kms:ReEncrypt*"],
    through: "logs",
    reason: "CloudWatch Logs asks for it when a log group gets its key; when it uses it is its own affair",
    source: "CloudWatch Logs User Guide, Encrypt log data in CloudWatch Logs using AWS KMS",
  },
];

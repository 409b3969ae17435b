import { DELIVERY_STATUS, ORDERS_TABLE } from "../contracts/orderRecord";
import { WORKFLOW_TIMEOUT_SECONDS } from "../contracts/workflowInput";

/** What the state machine works on. */
export interface DeliveryTargets {
  readonly topicArn: string;
  readonly tableName: string;
}

/** An expression of the query language JSONata, as a state holds it. */
const jsonata = (expression: string) => `{% ${expression} %}`;

/** Step Functions has been seen to spell the service both ways. */
const CONDITION_FAILED = [
  "DynamoDB.ConditionalCheckFailedException",
  "DynamoDb.ConditionalCheckFailedException",
];

const TASK_TIMEOUT_SECONDS = 5;

/** Remembers the error and carries the input on: a failed delivery is recorded before the execution fails. */
const recordFailure = {
  ErrorEquals: ["States.ALL"],
  Assign: {
    error: jsonata("$states.errorOutput.Error"),
    lastError: jsonata(`$substring($states.errorOutput.Error & ": " & $states.errorOutput.Cause, 0, 500)`),
  },
  Output: jsonata("$states.input"),
  Next: "RecordFailure",
};

function retry(maxAttempts: number, maxDelaySeconds: number) {
  return {
    ErrorEquals: ["States.ALL"],
    IntervalSeconds: 1,
    BackoffRate: 2,
    MaxDelaySeconds: maxDelaySeconds,
    MaxAttempts: maxAttempts,
    JitterStrategy: "FULL",
  };
}

const orderKey = {
  [ORDERS_TABLE.partitionKey]: { S: jsonata("$states.input.customerId") },
  [ORDERS_TABLE.sortKey]: { S: jsonata("$states.input.orderId") },
};

const messageAttribute = (name: string) => ({
  DataType: "String",
  StringValue: jsonata(`$states.input.attributes.${name}`),
});

/** An update of the order: another attempt ended, in this execution. */
function updateOrder(tableName: string, sets: string[], removes: string[], condition: string) {
  return {
    TableName: tableName,
    Key: orderKey,
    ConditionExpression: condition,
    UpdateExpression: [
      `SET ${["delivery.attempts = delivery.attempts + :one", "delivery.executionIds = list_append(delivery.executionIds, :executionIds)", ...sets].join(", ")}`,
      ...(removes.length > 0 ? [`REMOVE ${removes.join(", ")}`] : []),
    ].join(" "),
  };
}

const attemptValues = {
  ":one": { N: "1" },
  ":executionIds": { L: [{ S: jsonata("$states.context.Execution.Id") }] },
};

/**
 * The delivery workflow (hops 6 and 9) in Amazon States Language: publish the order's event, then record the delivery
 * on the order; if either fails for good, record that and fail.
 *
 * Published but not recorded is a failure too: the order stays marked as undelivered and a later attempt publishes
 * again, which consumers must expect.
 */
export function deliveryWorkflow({ topicArn, tableName }: DeliveryTargets) {
  return {
    Comment: "Delivers one order downstream and records it on the order.",
    QueryLanguage: "JSONata",
    StartAt: "PublishOrder",
    // Reaches no Catch, so it stands above the worst path through the states.
    TimeoutSeconds: WORKFLOW_TIMEOUT_SECONDS,
    States: {
      PublishOrder: {
        Type: "Task",
        Resource: "arn:aws:states:::sns:publish",
        Arguments: {
          TopicArn: topicArn,
          Message: jsonata("$states.input.message"),
          MessageAttributes: {
            eventType: messageAttribute("eventType"),
            channel: messageAttribute("channel"),
            country: messageAttribute("country"),
          },
        },
        TimeoutSeconds: TASK_TIMEOUT_SECONDS,
        Retry: [retry(6, 20)],
        Catch: [recordFailure],
        Assign: { messageId: jsonata("$states.result.MessageId") },
        Output: jsonata("$states.input"),
        Next: "RecordDelivery",
      },
      RecordDelivery: {
        Type: "Task",
        Resource: "arn:aws:states:::dynamodb:updateItem",
        Arguments: {
          ...updateOrder(
            tableName,
            [
              "delivery.#status = :delivered",
              "delivery.deliveredAt = :now",
              "delivery.messageId = :messageId",
            ],
            [ORDERS_TABLE.undelivered.partitionKey, "delivery.lastError", "delivery.retryAt"],
            "attribute_exists(orderId)",
          ),
          ExpressionAttributeNames: { "#status": "status" },
          ExpressionAttributeValues: {
            ...attemptValues,
            ":delivered": { S: DELIVERY_STATUS.delivered },
            ":now": { S: jsonata("$states.context.State.EnteredTime") },
            ":messageId": { S: jsonata("$messageId") },
          },
        },
        TimeoutSeconds: TASK_TIMEOUT_SECONDS,
        Retry: [{ ErrorEquals: CONDITION_FAILED, MaxAttempts: 0 }, retry(4, 8)],
        Catch: [recordFailure],
        Output: {},
        End: true,
      },
      RecordFailure: {
        Type: "Task",
        Resource: "arn:aws:states:::dynamodb:updateItem",
        Arguments: {
          ...updateOrder(
            tableName,
            ["delivery.lastError = :lastError"],
            [],
            `attribute_exists(${ORDERS_TABLE.undelivered.partitionKey})`,
          ),
          ExpressionAttributeValues: { ...attemptValues, ":lastError": { S: jsonata("$lastError") } },
        },
        TimeoutSeconds: TASK_TIMEOUT_SECONDS,
        Retry: [{ ErrorEquals: CONDITION_FAILED, MaxAttempts: 0 }, retry(4, 8)],
        Catch: [
          // No longer marked as undelivered: another execution has delivered it in the meantime.
          { ErrorEquals: CONDITION_FAILED, Next: "DeliveredElsewhere" },
          { ErrorEquals: ["States.ALL"], Next: "DeliveryFailed" },
        ],
        Output: {},
        Next: "DeliveryFailed",
      },
      DeliveredElsewhere: { Type: "Succeed", Output: {} },
      // Ends in Fail so that ExecutionsFailed counts it.
      DeliveryFailed: { Type: "Fail", Error: jsonata("$error"), Cause: jsonata("$lastError") },
    },
  };
}

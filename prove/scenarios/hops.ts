/** Who works at the hops, by the names that the program gives to functions and roles. */
export const API = "orders-enqueue";
export const PROCESSOR = "process-orders";
export const STARTER = "start-deliveries";
export const WORKFLOW = "deliver-orders";
export const RECONCILER = "reconcile-deliveries";
export const TOPIC = "sns.amazonaws.com";

/** The part of a fault rule that says who calls what. */
const call = (service: "sqs" | "sns" | "dynamodb" | "states", operation: string) => (caller: string) =>
  ({ service, operation, caller: caller === TOPIC ? TOPIC : `role/${caller}` }) as const;

export const SQS = {
  send: call("sqs", "SendMessage"),
  delete: call("sqs", "DeleteMessageBatch"),
  any: call("sqs", "*"),
} as const;
export const SNS = { publish: call("sns", "Publish") } as const;
export const DYNAMODB = {
  put: call("dynamodb", "PutItem"),
  update: call("dynamodb", "UpdateItem"),
  any: call("dynamodb", "*"),
} as const;
export const STATES = { start: call("states", "StartExecution") } as const;

/** The invocations of one function. */
export const invoke = (name: string) =>
  ({ service: "lambda", operation: "Invoke", resource: `:function:${name}` }) as const;

/** Alarms, by the names that the components give them. */
export const ALARM = {
  orderDeadLetters: "orders-dead-letters-not-empty",
  startFailures: "start-deliveries-failures-not-empty",
  executionsFailed: "deliver-orders-executions-failed",
  notificationsFailed: "order-events-failed",
  deadLettersOf: (service: string) => `${service}-dead-letters-not-empty`,
  undelivered: `${RECONCILER}-undelivered`,
  undeliveredAge: `${RECONCILER}-undelivered-age`,
  deliveryFailures: "delivery-failures-not-empty",
  runFailures: `${RECONCILER}-failures-not-empty`,
  scheduleFailures: `${RECONCILER}-schedule-failures-not-empty`,
} as const;

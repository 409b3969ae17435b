import { hopsOf, type PlacedQueue } from "../../console/views/hops";
import type { Alarm } from "../../ops/status";

const NOBODY_WAITS = { count: 0, more: false, overdue: 0, oldestPlacedAt: undefined };

const QUEUES: readonly PlacedQueue[] = [
  queue("orders", "orders", "orders-1a"),
  queue("accounting", "downstream", "accounting-1a"),
  queue("accounting", "failure", "accounting-dead-letters-1a"),
  queue("deliveryStarts", "failure", "start-deliveries-failures-1a"),
  queue("orders", "failure", "orders-dead-letters-1a"),
  queue("deliveryFailures", "failure", "delivery-failures-1a"),
  queue("reconciliations", "failure", "reconcile-deliveries-failures-1a"),
  queue("reconciliationSchedule", "failure", "reconcile-deliveries-schedule-failures-1a"),
  queue("alarmEmails", "failure", "alarms-dead-letters-1a"),
];

function queue(name: string, role: PlacedQueue["role"], physicalName: string): PlacedQueue {
  const url = `https://sqs.eu-west-1.amazonaws.com/123456789012/${physicalName}`;
  return { name, role, url, visible: 0, inFlight: 0, delayed: 0, oldestSeconds: undefined };
}

function alarm(namespace: string | undefined, dimensions: Alarm["dimensions"] = {}): Alarm {
  return { name: "an alarm", description: undefined, reason: "", sinceAt: 0, namespace, dimensions };
}

/** Where an alarm is shown. */
function placeOf(one: Alarm): string {
  const { hops, otherAlarms } = hopsOf(QUEUES, NOBODY_WAITS, [one]);
  return [
    ...hops.filter(({ alarms }) => alarms.length > 0).map(({ name }) => name),
    ...otherAlarms.map(() => "none"),
  ].join();
}

it("puts each queue at the hop that fills it, and each failure queue where its messages fail", () => {
  const { hops } = hopsOf(QUEUES, NOBODY_WAITS, []);
  const names = (queues: readonly { name: string }[]) => queues.map(({ name }) => name).join();
  expect(hops.map((hop) => [hop.name, names(hop.queues), names(hop.failureQueues)])).toEqual([
    ["Accept", "", ""],
    ["Store", "orders", "orders"],
    ["Start", "", "deliveryStarts"],
    ["Deliver", "", "alarmEmails"],
    ["Receive", "accounting", "accounting"],
    ["Reconcile", "", "deliveryFailures,reconciliations,reconciliationSchedule"],
  ]);
});

it.each<[string, Alarm, string]>([
  ["the API's", alarm("AWS/ApiGateway", { ApiName: "orders" }), "Accept"],
  ["the order queue's", alarm("AWS/SQS", { QueueName: "orders-1a" }), "Store"],
  ["its dead-letter queue's", alarm("AWS/SQS", { QueueName: "orders-dead-letters-1a" }), "Store"],
  ["the order function's", alarm("AWS/Lambda", { FunctionName: "process-orders-1a" }), "Store"],
  ["the order function's own metric's", alarm("OrderService", { service: "process-orders" }), "Store"],
  ["the start function's", alarm("AWS/Lambda", { FunctionName: "start-deliveries-1a" }), "Start"],
  ["the reconciler's own metric's", alarm("OrderService", { service: "reconcile-deliveries" }), "Reconcile"],
  ["the queue of those given up", alarm("AWS/SQS", { QueueName: "delivery-failures-1a" }), "Reconcile"],
  ["the workflow's", alarm("AWS/States", { StateMachineArn: "arn" }), "Deliver"],
  ["the topic's", alarm("AWS/SNS", { TopicName: "order-events" }), "Deliver"],
  ["a downstream queue's", alarm("AWS/SQS", { QueueName: "accounting-1a" }), "Receive"],
  ["one that combines others", alarm(undefined), "none"],
  ["a queue's that is not the stack's", alarm("AWS/SQS", { QueueName: "other" }), "none"],
])("shows an alarm at its hop: %s", (_whose, one, place) => {
  expect(placeOf(one)).toBe(place);
});

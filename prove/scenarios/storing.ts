import type { Scenario } from "../scenario";
import { ALARM, DYNAMODB, invoke, PROCESSOR, SQS } from "./hops";

/** Hop 3 and 4: from the order queue to the table. */
export const STORING: readonly Scenario[] = [
  {
    name: "table-down",
    story:
      "The table refuses the order function through all ten receives: the orders are dead-lettered, then redriven.",
    orders: 400,
    poison: 10,
    faults: () => [{ ...DYNAMODB.put(PROCESSOR), always: true, fault: "accessDenied" }],
    lastsMinutes: 16,
    seen: { alarms: [ALARM.orderDeadLetters], queues: ["orders"] },
  },
  {
    name: "table-throttled",
    story: "The table throttles a fifth of the order function's writes.",
    orders: 800,
    faults: () => [{ ...DYNAMODB.put(PROCESSOR), probability: 0.2, fault: "throttling" }],
  },
  {
    name: "stored-but-not-told",
    story: "The table stores an order and answers with an error: the function finds its own order there.",
    orders: 4_500,
    faults: () => [{ ...DYNAMODB.put(PROCESSOR), probability: 0.2, fault: "errorAfterEffect" }],
  },
  {
    name: "crash-mid-batch",
    story: "The order function crashes in the middle of a batch.",
    orders: 2_000,
    faults: () => [{ ...invoke(PROCESSOR), probability: 0.1, fault: "crash", afterCalls: 4 }],
    lastsMinutes: 3,
    seen: { alarms: [] },
  },
  {
    name: "hang-mid-batch",
    story: "The order function hangs in the middle of a batch until Lambda ends it.",
    orders: 500,
    faults: () => [{ ...invoke(PROCESSOR), count: 2, fault: "hang", afterCalls: 5 }],
    lastsMinutes: 3,
  },
  {
    name: "poison-in-each-batch",
    story: "Between any ten orders stands a message that is no order.",
    orders: 2_000,
    poison: 200,
    lastsMinutes: 16,
    seen: { alarms: [ALARM.orderDeadLetters], queues: ["orders"] },
  },
  {
    name: "deletes-ignored",
    story: "One stored order in ten comes again: its delete was lost.",
    orders: 2_000,
    faults: () => [
      { ...SQS.delete(PROCESSOR), probability: 0.1, fault: "ignored" },
      { ...SQS.any(PROCESSOR), probability: 0.02, fault: "serverError" },
    ],
    lastsMinutes: 3,
  },
];

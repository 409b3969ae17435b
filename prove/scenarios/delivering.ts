import type { Scenario } from "../scenario";
import { ALARM, DYNAMODB, SNS, WORKFLOW } from "./hops";

/** Hops 6, 7 and 9: the workflow publishes the event and records the delivery. */
export const DELIVERING: readonly Scenario[] = [
  {
    name: "topic-down",
    story: "The topic refuses the workflow for longer than it tries again: the reconciler delivers.",
    orders: 1_000,
    faults: () => [{ ...SNS.publish(WORKFLOW), always: true, fault: "serverError" }],
    lastsMinutes: 22,
    seen: { alarms: [ALARM.executionsFailed, ALARM.undelivered], lastErrors: true },
  },
  {
    name: "topic-throttled",
    story: "The topic throttles a third of the events.",
    orders: 3_500,
    faults: () => [{ ...SNS.publish(WORKFLOW), probability: 0.33, fault: "throttling" }],
    lastsMinutes: 3,
  },
  {
    name: "published-but-not-told",
    story: "The topic takes an event and answers with an error: the workflow publishes it again.",
    orders: 4_000,
    faults: () => [{ ...SNS.publish(WORKFLOW), probability: 0.3, fault: "errorAfterEffect" }],
    lastsMinutes: 3,
  },
  {
    name: "delivery-not-recorded",
    story:
      "The table refuses the workflow after each publish: the orders stay marked, and are published again.",
    orders: 500,
    faults: () => [{ ...DYNAMODB.update(WORKFLOW), always: true, fault: "serverError" }],
    lastsMinutes: 22,
    seen: { alarms: [ALARM.executionsFailed, ALARM.undelivered] },
  },
  {
    name: "record-throttled",
    story:
      "The table throttles a third of the workflow's updates, or answers with an error though it took them.",
    orders: 5_500,
    faults: () => [
      { ...DYNAMODB.update(WORKFLOW), probability: 0.2, fault: "throttling" },
      { ...DYNAMODB.update(WORKFLOW), probability: 0.15, fault: "errorAfterEffect" },
    ],
    lastsMinutes: 3,
  },
];

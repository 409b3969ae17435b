import type { Scenario } from "../scenario";
import { ALARM, invoke, STARTER, STATES } from "./hops";

/** Hop 5: from the table's stream to the workflow. */
export const STARTING: readonly Scenario[] = [
  {
    name: "stream-function-down",
    story:
      "The stream function crashes until its batches are in the on-failure queue; then they are redriven.",
    orders: 24,
    faults: () => [{ ...invoke(STARTER), always: true, fault: "crash", afterCalls: 0 }],
    lastsMinutes: 10,
    seen: { alarms: [ALARM.startFailures], queues: ["deliveryStarts"] },
  },
  {
    name: "workflow-refuses-start",
    story: "Step Functions refuses the stream function until its batches are in the on-failure queue.",
    orders: 400,
    faults: () => [{ ...STATES.start(STARTER), always: true, fault: "accessDenied" }],
    lastsMinutes: 10,
    seen: { alarms: [ALARM.startFailures], queues: ["deliveryStarts"] },
  },
  {
    name: "starts-throttled",
    story:
      "Step Functions throttles a fifth of the starts, and starts some twice because the answer was an error.",
    orders: 700,
    faults: () => [
      { ...STATES.start(STARTER), probability: 0.2, fault: "throttling" },
      { ...STATES.start(STARTER), probability: 0.05, fault: "errorAfterEffect" },
    ],
    lastsMinutes: 3,
  },
  {
    name: "stream-function-crashes",
    story: "The stream function crashes in the middle of one batch in twenty: all of it comes again.",
    orders: 1_000,
    faults: () => [{ ...invoke(STARTER), probability: 0.05, fault: "crash", afterCalls: 3 }],
    lastsMinutes: 3,
  },
];

import { withInputs } from "../recording";
import type { Scenario } from "../scenario";
import { ALARM, invoke, RECONCILER, SNS, WORKFLOW } from "./hops";

/** Hop 10: the reconciler, and what becomes of orders that it cannot help. */
export const RECONCILING: readonly Scenario[] = [
  {
    name: "given-up-and-reopened",
    story: "The topic refuses for hours: orders are given up loudly, and an operator reopens them.",
    orders: 100,
    // Ten attempts would take 28 hours.
    graph: (graph) =>
      withInputs(graph, "aws:lambda/function:Function", RECONCILER, (inputs) => ({
        ...inputs,
        environment: withVariable(inputs["environment"], "RECONCILIATIONS_MAX", "3"),
      })),
    faults: () => [{ ...SNS.publish(WORKFLOW), always: true, fault: "accessDenied" }],
    lastsMinutes: 150,
    seen: {
      alarms: [ALARM.undelivered, ALARM.undeliveredAge, ALARM.deliveryFailures],
      queues: ["deliveryFailures"],
    },
  },
  {
    name: "reconciler-down",
    story:
      "The reconciler crashes while the topic is down: its failed runs are told, and a later run delivers.",
    orders: 100,
    faults: () => [
      { ...SNS.publish(WORKFLOW), always: true, fault: "serverError" },
      { ...invoke(RECONCILER), always: true, fault: "crash", afterCalls: 1 },
    ],
    lastsMinutes: 40,
    seen: { alarms: [ALARM.executionsFailed, ALARM.runFailures], queues: ["reconciliations"] },
  },
  {
    name: "schedule-down",
    story:
      "The schedule cannot invoke the reconciler while the topic is down: what it could not begin is told.",
    orders: 100,
    faults: () => [
      { ...SNS.publish(WORKFLOW), always: true, fault: "serverError" },
      { ...invoke(RECONCILER), operation: "InvokeAsync", always: true, fault: "throttling" },
    ],
    lastsMinutes: 90,
    seen: { alarms: [ALARM.executionsFailed, ALARM.scheduleFailures], queues: ["reconciliationSchedule"] },
  },
];

function withVariable(environment: unknown, name: string, value: string): object {
  const { variables } = environment as { readonly variables: Readonly<Record<string, string>> };
  return { variables: { ...variables, [name]: value } };
}

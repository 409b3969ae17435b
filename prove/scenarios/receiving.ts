import type { ProofOutputs } from "../world";
import type { Scenario } from "../scenario";
import { ALARM, SQS, TOPIC } from "./hops";

/** Hop 8: from the topic to the downstream services. */
export const RECEIVING: readonly Scenario[] = [
  {
    name: "downstream-queue-refuses",
    story: "A downstream queue's policy refuses the topic: the events are dead-lettered, then redriven.",
    orders: 1_000,
    faults: ({ outputs }) => [
      {
        ...SQS.send(TOPIC),
        resource: queueOf(outputs, "accounting"),
        always: true,
        fault: "accessDenied",
      },
    ],
    lastsMinutes: 3,
    seen: {
      alarms: [ALARM.notificationsFailed, ALARM.deadLettersOf("accounting")],
      queues: ["accounting"],
    },
  },
  {
    name: "downstream-queue-down",
    story: "A downstream queue answers with errors for a quarter of an hour: SNS tries again by itself.",
    orders: 300,
    faults: ({ outputs }) => [
      {
        ...SQS.send(TOPIC),
        resource: queueOf(outputs, "inventory"),
        always: true,
        fault: "serverError",
      },
    ],
    lastsMinutes: 16,
  },
  {
    name: "consumer-down",
    story: "The services fail at each event, five times over: the events are dead-lettered, then redriven.",
    orders: 300,
    consumers: { failing: 1 },
    lastsMinutes: 20,
    seen: {
      alarms: ["fulfillment", "accounting", "inventory"].map(ALARM.deadLettersOf),
      queues: ["fulfillment", "accounting", "inventory"],
    },
  },
  {
    name: "consumers-crash",
    story:
      "The services fail at one event in ten, at another one after its effect, and forget one batch in ten.",
    orders: 6_500,
    consumers: { failing: 0.1, unsure: 0.1, forgetting: 0.1 },
    lastsMinutes: 16,
  },
];

/** The end of the queue's URL: the topic reaches it under another host name. */
function queueOf({ downstreamQueueUrls }: ProofOutputs, service: string): string {
  return new URL(downstreamQueueUrls[service] ?? "").pathname;
}

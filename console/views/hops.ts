import { HOP_FAILURE_QUEUES } from "../../contracts/stackOutputs";
import type { QueueDepth } from "../../ops/queues";
import type { Alarm, Undelivered } from "../../ops/status";
import type { HopHealth, QueueHealth } from "../api";

/** A queue, with what tells where it belongs. */
export type PlacedQueue = QueueHealth & Pick<QueueDepth, "role" | "url">;

/** A hop before it is known how it is doing. */
interface Hop extends Pick<HopHealth, "name" | "does"> {
  readonly holds: (queue: PlacedQueue) => boolean;
  /** Whether a metric that is no queue's belongs here, by its namespace or by the function that it is of. */
  readonly measuredBy: (namespace: string, functionName: string) => boolean;
}

const RECEIVE = "Receive";

const RECONCILER_QUEUES = new Set(["deliveryFailures", "reconciliations", "reconciliationSchedule"]);

/** The hops of the README that something can be counted of; what only passes orders on belongs to the next. */
const HOPS: readonly Hop[] = [
  {
    name: "Accept",
    does: "The API puts each valid order on the order queue.",
    holds: () => false,
    measuredBy: (namespace) => namespace === "AWS/ApiGateway",
  },
  {
    name: "Store",
    does: "Accepted orders wait in the order queue until the order function has put them in the table.",
    holds: ({ name }) => name === "orders",
    measuredBy: (_namespace, functionName) => functionName.startsWith("process-orders"),
  },
  {
    name: "Start",
    does: "The table's stream starts a delivery for each placed order.",
    holds: ({ name }) => name === "deliveryStarts",
    measuredBy: (_namespace, functionName) => functionName.startsWith("start-deliveries"),
  },
  {
    name: "Deliver",
    does: "The workflow publishes each order and records that it did.",
    holds: ({ role, name }) => role === "failure" && !HOP_FAILURE_QUEUES.some((own) => own === name),
    measuredBy: (namespace) => namespace === "AWS/States" || namespace === "AWS/SNS",
  },
  {
    name: RECEIVE,
    does: "Published orders wait for the downstream services.",
    holds: ({ role }) => role === "downstream",
    measuredBy: () => false,
  },
  {
    name: "Reconcile",
    does: "Deliveries that are late are started again, and given up after a number of attempts.",
    holds: ({ name }) => RECONCILER_QUEUES.has(name),
    measuredBy: (_namespace, functionName) => functionName.startsWith("reconcile-deliveries"),
  },
];

/** How each hop is doing, in the order in which an order passes them; and the alarms that belong to none. */
export function hopsOf(
  queues: readonly PlacedQueue[],
  undelivered: Undelivered,
  alarms: readonly Alarm[],
): { readonly hops: readonly HopHealth[]; readonly otherAlarms: readonly Alarm[] } {
  const services = new Set(queues.filter(({ role }) => role === "downstream").map(({ name }) => name));
  const hopOf = (queue: PlacedQueue) =>
    // A downstream queue and its dead-letter queue have one name.
    HOPS.find((hop) => (services.has(queue.name) ? hop.name === RECEIVE : hop.holds(queue)));
  const alarmed = new Map(alarms.map((alarm) => [alarm, hopOfAlarm(alarm, queues, hopOf)]));
  return {
    hops: HOPS.map((hop) => {
      const own = queues.filter((queue) => hopOf(queue) === hop);
      return {
        name: hop.name,
        does: hop.does,
        queues: own.filter(({ role }) => role !== "failure").map(healthOf),
        failureQueues: own.filter(({ role }) => role === "failure").map(healthOf),
        ...(hop.name === "Deliver" && { undelivered }),
        alarms: alarms.filter((alarm) => alarmed.get(alarm) === hop),
      };
    }),
    otherAlarms: alarms.filter((alarm) => alarmed.get(alarm) === undefined),
  };
}

function hopOfAlarm(
  { namespace = "AWS/", dimensions }: Alarm,
  queues: readonly PlacedQueue[],
  hopOf: (queue: PlacedQueue) => Hop | undefined,
): Hop | undefined {
  // The functions' own metrics know them by the name of their service.
  const { QueueName, service = "", FunctionName = service } = dimensions;
  const queue = QueueName && queues.find(({ url }) => url.endsWith(`/${QueueName}`));
  return queue ? hopOf(queue) : HOPS.find(({ measuredBy }) => measuredBy(namespace, FunctionName));
}

function healthOf({ name, visible, inFlight, delayed, oldestSeconds }: PlacedQueue): QueueHealth {
  return { name, visible, inFlight, delayed, oldestSeconds };
}

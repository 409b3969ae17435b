import { v7 as uuidv7 } from "uuid";
import { contentHash } from "../../contracts/contentHash";
import { undeliveredShard, type PlacedOrder } from "../../contracts/orderRecord";
import { exampleOrder } from "../../examples/order";
import type { FaultPlan } from "../../local/faults/rules";
import { CUSTOMER, type ExercisedStack } from "./exercisedStack";
import { Look } from "./look";

/** Something that the stack does when its roles may do what they need. */
export interface Check {
  readonly name: string;
  /** @throws Error when the stack does not do it */
  run(): Promise<void>;
}

type Fault = FaultPlan["rules"][number];

const MINUTE_MS = 60_000;

/** Which calls fail, so that what has to be done after a failure is seen. */
const NO_DELIVERY_STARTS: Fault = {
  service: "states",
  operation: "StartExecution",
  caller: "role/start-deliveries",
  fault: "accessDenied",
  always: true,
};
const RECONCILER_CRASHES: Fault = {
  service: "lambda",
  operation: "Invoke",
  resource: "function:reconcile-deliveries",
  fault: "crash",
  afterCalls: 0,
  always: true,
};
const RECONCILER_TAKES_NO_EVENT: Fault = {
  service: "lambda",
  operation: "InvokeAsync",
  resource: "function:reconcile-deliveries",
  fault: "unavailable",
  always: true,
};

/** @param url of a queue that takes nothing of any topic */
function refusedBy(url: string): Fault {
  return {
    ...{ service: "sqs", operation: "SendMessage", caller: "sns.amazonaws.com" },
    ...{ resource: `${url.slice(url.lastIndexOf("/"))}"`, fault: "accessDenied", always: true },
  };
}

/**
 * The order flow and its repair, in miniature: what the suites of the order flow and of the reconciler show, as far as
 * a role or a service has to be allowed something for it. In this order: each check works with what those before it left.
 */
export function exercise(stack: ExercisedStack): readonly Check[] {
  const look = new Look(stack);
  return [...flow(stack, look), ...repair(stack, look), ...failedRuns(stack, look)];
}

/** Hops 1 to 9, and what they log. */
function flow(stack: ExercisedStack, look: Look): Check[] {
  const { client, outputs } = stack;
  const order = exampleOrder();
  const isStored = async () => (await look.order(order.orderId)) !== undefined;
  const isTaken = async () => !(await look.hasMessages(outputs.ordersQueueUrl));
  return [
    { name: "an order is accepted", run: async () => void (await client.placeOrder(order)) },
    {
      name: "it is stored, and leaves the order queue",
      run: async () => {
        await stack.until("it is in the table", isStored);
        await stack.until("the queue is empty", isTaken);
      },
    },
    {
      name: "it is delivered downstream, and says so",
      run: async () => {
        await stack.until("it is DELIVERED", () => look.hasDelivery(order, "DELIVERED"));
        for (const [service, url] of Object.entries(outputs.downstreamQueueUrls))
          await stack.until(`${service} has it`, () => look.hasMessages(url));
      },
    },
    { name: "its customer reads it", run: async () => void (await client.getOrder(order.orderId)) },
    { name: "its customer lists it", run: async () => void (await client.listOrders()) },
    ...["orders", "process-orders", "start-deliveries", "deliver-orders"].map((group) =>
      isLogged(stack, look, group),
    ),
    {
      name: "what a downstream queue refuses is in its dead-letter queue",
      run: async () => {
        stack.failing(...Object.values(outputs.downstreamQueueUrls).map(refusedBy));
        await client.placeOrder(exampleOrder());
        for (const service of Object.keys(outputs.downstreamQueueUrls))
          await stack.until(`${service} has a dead letter`, () => look.hasFailures(service));
      },
    },
  ];
}

/** What begins when a delivery does not: the stream's failure queue, hop 10, the alarms. */
function repair(stack: ExercisedStack, look: Look): Check[] {
  const forgotten = undelivered(stack, 20);
  const hopeless = undelivered(stack, 2_000, {
    ...{ attempts: 11, reconciliations: 10, lastError: "SNS: no" },
    retryAt: new Date(stack.now() - MINUTE_MS).toISOString(),
  });
  return [
    {
      name: "a delivery that cannot be started is in the failure queue",
      run: async () => {
        stack.failing(NO_DELIVERY_STARTS);
        for (const order of [forgotten, hopeless]) await look.store(order);
        await stack.pass("a record is there", () => look.hasFailures("deliveryStarts"));
      },
    },
    {
      name: "an order that nothing delivered is started again",
      run: () => stack.pass("it is DELIVERED", () => look.hasDelivery(forgotten, "DELIVERED")),
    },
    {
      name: "an order after its last attempt is given up, with a message",
      run: async () => {
        await stack.pass("it is FAILED", () => look.hasDelivery(hopeless, "FAILED"));
        await stack.pass("a message is there", () => look.hasFailures("deliveryFailures"));
      },
    },
    {
      name: "an alarm tells the alarm topic",
      run: () => stack.pass("it is told", async () => (await look.publications("alarms")) > 0),
    },
    isLogged(stack, look, "reconcile-deliveries"),
  ];
}

/** What is left of the reconciler's runs when they fail, or cannot begin. */
function failedRuns(stack: ExercisedStack, look: Look): Check[] {
  return [
    {
      name: "a run of the reconciler that fails is in its failure queue",
      run: async () => {
        stack.failing(RECONCILER_CRASHES);
        await stack.pass("a record is there", () => look.hasFailures("reconciliations"));
      },
    },
    {
      name: "a run that cannot begin is in the schedule's dead-letter queue",
      run: async () => {
        stack.failing(RECONCILER_TAKES_NO_EVENT);
        await stack.pass("a message is there", () => look.hasFailures("reconciliationSchedule"));
      },
    },
  ];
}

function isLogged(stack: ExercisedStack, look: Look, group: string): Check {
  return {
    name: `the log ${group} is written`,
    run: () => stack.until("it has a line", () => look.isLogged(group)),
  };
}

/** An order as the order function stores it, that was placed so long ago. */
function undelivered(
  stack: ExercisedStack,
  minutes: number,
  delivery: Partial<PlacedOrder["delivery"]> = {},
): PlacedOrder {
  const order = exampleOrder();
  return {
    customerId: CUSTOMER,
    orderId: order.orderId,
    placedAt: new Date(stack.now() - minutes * MINUTE_MS).toISOString(),
    order: JSON.stringify(order),
    contentHash: contentHash(order),
    requestId: uuidv7(),
    status: "PLACED",
    delivery: { status: "PENDING", attempts: 0, executionIds: [], ...delivery },
    undelivered: undeliveredShard(order.orderId),
  };
}

import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account";
import type { Metric } from "./alarm";
import type { AlarmTopic } from "./alarmTopic";
import type { DeliveryReconciler } from "./deliveryReconciler";
import type { DeliveryStarter } from "./deliveryStarter";
import type { DeliveryWorkflow } from "./deliveryWorkflow";
import type { DownstreamQueue } from "./downstreamQueue";
import type { FailureQueue } from "./failureQueue";
import type { HandlerFunction } from "./handlerFunction";
import type { OrderApi } from "./orderApi";
import type { OrderEvents } from "./orderEvents";
import type { OrderProcessor } from "./orderProcessor";
import type { OrderQueue } from "./orderQueue";
import type { OrderTable } from "./orderTable";

export interface DashboardArgs {
  readonly account: Account;
  readonly alarms: AlarmTopic;
  readonly api: OrderApi;
  readonly queue: OrderQueue;
  readonly processor: OrderProcessor;
  readonly table: OrderTable;
  readonly starter: DeliveryStarter;
  readonly workflow: DeliveryWorkflow;
  readonly events: OrderEvents;
  /** By service. */
  readonly downstream: Readonly<Record<string, DownstreamQueue>>;
  readonly reconciler: DeliveryReconciler;
  /** By what they are called in the stack's outputs. */
  readonly failureQueues: Readonly<Record<string, FailureQueue>>;
}

/** One line of a graph. */
interface Line {
  readonly metric: Metric;
  /** Such as `Sum` or `p99`. */
  readonly stat: string;
  readonly label: string;
}

/** What passes a hop, and under it what keeps orders there. */
interface Hop {
  readonly name: string;
  readonly traffic: readonly Line[];
  readonly trouble: readonly Line[];
}

/** A dashboard is 24 units wide (CloudWatch API Reference, dashboard body). */
const WIDTH = 24;
const HOPS_IN_A_ROW = 4;
const HOP_WIDTH = WIDTH / HOPS_IN_A_ROW;
const GRAPH_HEIGHT = 5;
const ALARMS_HEIGHT = 4;

/** Follows the path of an order from left to right, as a text is read, under the state of every alarm. */
export class Dashboard extends pulumi.ComponentResource {
  /** Where AWS's console shows it. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:Dashboard", name, {}, opts);
    const { region } = args.account;
    const dashboard = new cloudwatch.Dashboard(
      name,
      {
        // The provider makes no name for a dashboard.
        dashboardName: `${pulumi.getProject()}-${pulumi.getStack()}`,
        dashboardBody: pulumi.jsonStringify({
          widgets: [
            alarmStates(args.alarms),
            ...hopsOf(args).flatMap((hop, index) => widgetsOf(hop, index, region)),
          ],
        }),
      },
      { parent: this },
    );
    this.url = pulumi.interpolate`https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboard.dashboardName}`;
    this.registerOutputs({ url: this.url });
  }
}

function hopsOf(args: DashboardArgs): readonly Hop[] {
  const { api, queue, processor, table, starter, workflow, events, downstream } = args;
  const { reconciler, failureQueues } = args;
  const services = Object.entries(downstream);
  return [
    {
      name: "1 accept",
      traffic: [sum(api.metric("Count"), "requests"), sum(api.metric("4XXError"), "refused")],
      trouble: [
        sum(api.metric("5XXError"), "failed"),
        line(api.metric("Latency"), "p99", "slowest of 100, ms"),
      ],
    },
    {
      name: "2 buffer",
      traffic: [
        sum(queue.queue.metric("NumberOfMessagesSent"), "queued"),
        line(queue.queue.metric("ApproximateNumberOfMessagesVisible"), "Maximum", "waiting"),
      ],
      trouble: [line(queue.queue.metric("ApproximateAgeOfOldestMessage"), "Maximum", "longest wait, s")],
    },
    {
      name: "3 store",
      traffic: (["OrdersPlaced", "OrdersRejected", "OrdersDuplicate", "OrdersConflicting"] as const).map(
        (counter) => sum(processor.function.reported(counter), counter),
      ),
      trouble: faultsOf(processor.function),
    },
    {
      name: "4 record",
      traffic: [sum(table.metric("ConsumedWriteCapacityUnits"), "write units")],
      trouble: [
        sum(table.metric("WriteThrottleEvents"), "throttled writes"),
        sum(table.metric("ReadThrottleEvents"), "throttled reads"),
      ],
    },
    {
      name: "5 start",
      traffic: [sum(starter.function.reported("DeliveriesStarted"), "DeliveriesStarted")],
      trouble: [
        ...faultsOf(starter.function),
        line(starter.function.metric("IteratorAge"), "Maximum", "behind the stream, ms"),
      ],
    },
    {
      name: "6 deliver",
      traffic: [
        sum(workflow.metric("ExecutionsStarted"), "started"),
        sum(workflow.metric("ExecutionsSucceeded"), "delivered"),
      ],
      trouble: [
        sum(workflow.metric("ExecutionsFailed"), "failed"),
        sum(workflow.metric("ExecutionsTimedOut"), "timed out"),
        line(workflow.metric("ExecutionTime"), "p99", "slowest of 100, ms"),
      ],
    },
    {
      name: "7 fan out",
      traffic: [
        sum(events.metric("NumberOfMessagesPublished"), "published"),
        sum(events.metric("NumberOfNotificationsDelivered"), "delivered"),
      ],
      trouble: [
        sum(events.metric("NumberOfNotificationsFailed"), "failed"),
        sum(events.metric("NumberOfNotificationsFailedToRedriveToDlq"), "lost"),
      ],
    },
    {
      name: "8 receive",
      traffic: services.flatMap(([service, { queue: own }]) =>
        own ? [line(own.metric("ApproximateNumberOfMessagesVisible"), "Maximum", `${service} waiting`)] : [],
      ),
      trouble: Object.entries(failureQueues).map(([name, failures]) =>
        line(failures.metric("ApproximateNumberOfMessagesVisible"), "Maximum", `${name} dead`),
      ),
    },
    // Hop 9 is the workflow's last step: "delivered" in hop 6.
    {
      name: "10 reconcile",
      traffic: [
        line(reconciler.function.reported("UndeliveredOrders"), "Maximum", "undelivered"),
        sum(reconciler.function.reported("DeliveriesReconciled"), "started again"),
        sum(reconciler.function.reported("DeliveriesGivenUp"), "given up"),
      ],
      trouble: [
        ...faultsOf(reconciler.function),
        line(reconciler.function.reported("OldestUndeliveredAge"), "Maximum", "oldest, s"),
      ],
    },
  ];
}

function faultsOf(handler: HandlerFunction): readonly Line[] {
  return [
    sum(handler.metric("Errors"), "errors"),
    sum(handler.metric("Throttles"), "throttled"),
    line(handler.metric("Duration"), "p99", "slowest of 100, ms"),
  ];
}

function line(metric: Metric, stat: string, label: string): Line {
  return { metric, stat, label };
}

function sum(metric: Metric, label: string): Line {
  return line(metric, "Sum", label);
}

function alarmStates(alarms: AlarmTopic) {
  return {
    type: "alarm",
    ...{ x: 0, y: 0, width: WIDTH, height: ALARMS_HEIGHT },
    properties: { title: "Alarms", alarms: alarms.alarmArns },
  };
}

function widgetsOf({ name, traffic, trouble }: Hop, index: number, region: pulumi.Output<string>) {
  const x = (index % HOPS_IN_A_ROW) * HOP_WIDTH;
  const y = ALARMS_HEIGHT + Math.floor(index / HOPS_IN_A_ROW) * 2 * GRAPH_HEIGHT;
  return [
    graph(name, traffic, { x, y }, region),
    graph(`${name}: trouble`, trouble, { x, y: y + GRAPH_HEIGHT }, region),
  ].filter(({ properties }) => properties.metrics.length > 0);
}

function graph(
  title: string,
  lines: readonly Line[],
  position: { readonly x: number; readonly y: number },
  region: pulumi.Output<string>,
) {
  return {
    type: "metric",
    ...position,
    width: HOP_WIDTH,
    height: GRAPH_HEIGHT,
    properties: {
      title,
      region,
      view: "timeSeries",
      period: 60,
      metrics: lines.map(({ metric: { namespace, name, dimensions }, stat, label }) => [
        namespace,
        name,
        ...Object.entries(dimensions).flat(),
        { stat, label },
      ]),
    },
  };
}

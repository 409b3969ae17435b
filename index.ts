import * as pulumi from "@pulumi/pulumi";
import { currentAccount } from "./components/account";
import { AlarmTopic } from "./components/alarmTopic";
import { readSettings } from "./components/config";
import { CustomerPool } from "./components/customerPool";
import { Dashboard } from "./components/dashboard";
import { DeliveryReconciler } from "./components/deliveryReconciler";
import { DeliveryStarter } from "./components/deliveryStarter";
import { DeliveryWorkflow } from "./components/deliveryWorkflow";
import { DownstreamQueue } from "./components/downstreamQueue";
import { EncryptionKey } from "./components/encryptionKey";
import { OrderApi } from "./components/orderApi";
import { OrderEvents } from "./components/orderEvents";
import { OrderProcessor } from "./components/orderProcessor";
import { OrderQueue } from "./components/orderQueue";
import { OrderTable } from "./components/orderTable";
import { SavedQueries } from "./components/savedQueries";

/** The order service: one stack of it. Its outputs are the outside contract of the stack. */
function orderService() {
  const settings = readSettings();
  const { logRetentionDays, protectData: protect } = settings;
  const account = currentAccount();
  const key = new EncryptionKey("orders", { account, protect });
  const alarms = new AlarmTopic("alarms", { account, key, protect, email: settings.alarmEmail });
  const customers = new CustomerPool("customers", { account, settings });

  // Where an order rests: on the queue (hop 2), in the table (hop 4), as an event on the topic (hop 7).
  const queue = new OrderQueue("orders", { key, protect, alarms });
  const table = new OrderTable("orders", {
    key,
    protect,
    warmThroughput: { readUnits: settings.warmReadUnits, writeUnits: settings.warmWriteUnits },
  });
  const events = new OrderEvents("order-events", { key, alarms });

  // What moves it: accepted (hop 1), stored (hop 3), started (hop 5) on its delivery (hops 6 and 9), received (hop 8),
  // and started again when nothing has delivered it (hop 10).
  const api = new OrderApi("orders", { account, key, customers, queue, table, alarms, settings });
  const processor = new OrderProcessor("process-orders", {
    key,
    queue,
    table,
    maximumConcurrency: settings.orderConcurrency,
    logRetentionDays,
    protect,
    alarms,
  });
  const workflow = new DeliveryWorkflow("deliver-orders", {
    account,
    key,
    events,
    table,
    historyRetentionDays: settings.historyRetentionDays,
    protect,
    alarms,
  });
  const starter = new DeliveryStarter("start-deliveries", {
    key,
    table,
    workflow,
    parallelizationFactor: settings.deliveryParallelism,
    logRetentionDays,
    protect,
    alarms,
  });
  const downstream = Object.fromEntries(
    Object.entries(settings.downstreamServices).map(([name, service]) => [
      name,
      new DownstreamQueue(name, { account, key, events, service, protect, alarms }),
    ]),
  );
  const reconciler = new DeliveryReconciler("reconcile-deliveries", {
    account,
    key,
    table,
    workflow,
    undeliveredAfterMinutes: settings.reconcileAfterMinutes,
    attempts: settings.reconcileAttempts,
    ordersPerRun: settings.reconcileOrdersPerRun,
    logRetentionDays,
    protect,
    alarms,
  });
  const failureQueues = {
    orders: queue.queue.deadLetterQueue,
    deliveryStarts: starter.failureQueue,
    deliveryFailures: reconciler.deliveryFailures,
    reconciliations: reconciler.runFailures,
    reconciliationSchedule: reconciler.scheduleFailures,
    ...mapValues(downstream, ({ deadLetterQueue }) => deadLetterQueue),
    ...(alarms.failureQueue && { alarmEmails: alarms.failureQueue }),
  };

  // How operators look on.
  const dashboard = new Dashboard("orders", {
    ...{ account, alarms, api, queue, processor, table, starter, workflow, events, downstream, reconciler },
    failureQueues,
  });
  new SavedQueries("orders", {
    logGroupNames: [
      workflow.logGroupName,
      ...[processor, starter, reconciler].map(({ function: { logGroupName } }) => logGroupName),
    ],
  });

  return {
    apiUrl: api.url,
    ordersTableName: table.name,
    ordersQueueUrl: queue.queue.url,
    stateMachineArn: workflow.arn,
    workflowLogGroup: workflow.logGroupName,
    orderEventsTopicArn: events.arn,
    alarmTopicArn: alarms.arn,
    dashboardUrl: dashboard.url,
    downstreamQueueUrls: mapValues(downstream, ({ url }) => url),
    deadLetterQueueUrls: mapValues(failureQueues, ({ url }) => url),
    // What the owners of existing queues have to add to their policies, by service.
    downstreamQueuePolicies: pulumi.output(
      Object.fromEntries(
        Object.entries(downstream).flatMap(([name, { ownerMustAdd }]) =>
          ownerMustAdd ? [[name, ownerMustAdd]] : [],
        ),
      ),
    ),
    userPoolId: customers.id,
    ...(customers.clientId && { userPoolClientId: customers.clientId }),
    ...(customers.machineClientId && { machineClientId: customers.machineClientId }),
    ...(customers.tokenUrl && { tokenUrl: customers.tokenUrl }),
  };
}

/** The same keys, with other values. */
function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

export = orderService;

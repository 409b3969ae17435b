import { readFileSync } from "node:fs";
import { join } from "node:path";
import { retryDelaySeconds } from "../../../contracts/reconciliation";
import { CLIENT_SETTINGS } from "../../../handlers/awsClients";
import { PROGRAM, type RecordedStack } from "../support/recordedStack";

/** The README's table of numbers: what each row says of dev and of prod. */
function readmeTable(): Record<string, readonly string[]> {
  const section = readFileSync(join(PROGRAM, "README.md"), "utf8").split("## The numbers")[1] ?? "";
  const [table = ""] = section.split("\n\n").filter((block) => block.startsWith("|"));
  const rows = table.split("\n").filter((line) => line.startsWith("| ") && !/^\|[ -]+\|/.test(line));
  const cells = rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return Object.fromEntries(
    cells.map(([name = "", dev = "", prod = ""]) => [name, [dev, prod === "the same" ? dev : prod]]),
  );
}

interface Retry {
  readonly MaxAttempts: number;
  readonly IntervalSeconds?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: string;
}

interface Machine {
  readonly TimeoutSeconds: number;
  readonly States: Readonly<
    Record<string, { readonly TimeoutSeconds: number; readonly Retry: readonly Retry[] }>
  >;
}

/** The same rows, from what the program registers. */
function rowsOf(stack: RecordedStack): Record<string, string> {
  const number = (value: unknown) => Number(value).toLocaleString("en-US");
  const days = (seconds: unknown) => `${Number(seconds) / 86_400} days`;
  const queue = (name: string) => stack.inputs("sqs.Queue", name);
  const receives = (name: string) =>
    (
      JSON.parse(String(stack.inputs("sqs.RedrivePolicy", name)["redrivePolicy"])) as {
        maxReceiveCount: number;
      }
    ).maxReceiveCount;
  const queueRow = (name: string) =>
    `${String(queue(name)["visibilityTimeoutSeconds"])} s, ${receives(name)}, ${days(queue(name)["messageRetentionSeconds"])}`;
  const mapping = (name: string) => stack.inputs("lambda.EventSourceMapping", name);
  const settings = stack.inputs("apigateway.MethodSettings", "orders")["settings"] as Record<string, number>;
  const table = stack.inputs("dynamodb.Table", "orders");
  const warm = table["warmThroughput"] as Record<string, number> | undefined;
  const machine = JSON.parse(
    String(stack.inputs("sfn.StateMachine", "deliver-orders")["definition"]),
  ) as Machine;
  const state = (name: string) => {
    const { TimeoutSeconds, Retry: retries } = machine.States[name] as Machine["States"][string];
    const last = retries.at(-1) as Retry;
    return `${TimeoutSeconds} s a try, ${last.MaxAttempts} retries, ${last.IntervalSeconds} s doubling to ${last.MaxDelaySeconds} s, ${last.JitterStrategy?.toLowerCase()} jitter`;
  };
  const retention = (name: string) =>
    `${String(stack.inputs("cloudwatch.LogGroup", name)["retentionInDays"])} days`;
  const starts = mapping("start-deliveries");
  const reconciler = stack.inputs("lambda.Function", "reconcile-deliveries");
  const reconciling = (reconciler["environment"] as { variables: Record<string, string> }).variables;
  const failureQueues = stack.all("sqs.Queue").filter(({ name }) => /-(dead-letters|failures)$/.test(name));
  return {
    "API throttling, requests per second (burst)": `${number(settings["throttlingRateLimit"])} (${number(settings["throttlingBurstLimit"])})`,
    "order queue: visibility timeout, receives, retention": queueRow("orders"),
    "order function: batch, timeout, SDK attempts": `${String(mapping("process-orders")["batchSize"])}, ${String(stack.inputs("lambda.Function", "process-orders")["timeout"])} s, ${CLIENT_SETTINGS.maxAttempts}`,
    "order function: invocations at once": String(
      (mapping("process-orders")["scalingConfig"] as Record<string, number>)["maximumConcurrency"],
    ),
    "start function: batch, retries, longest age, bisect": `${String(starts["batchSize"])}, ${String(starts["maximumRetryAttempts"])}, ${Number(starts["maximumRecordAgeInSeconds"]) / 3_600} hour, ${starts["bisectBatchOnFunctionError"] === true ? "yes" : "no"}`,
    "start function: batches of a shard at once": String(starts["parallelizationFactor"]),
    "reconciler: runs, orders a run, timeout": `${String(stack.inputs("scheduler.Schedule", "reconcile-deliveries")["scheduleExpression"]).replace(/rate\((.*)\)/, "every $1")}, ${number(reconciling["ORDERS_PER_RUN_MAX"])}, ${String(reconciler["timeout"])} s`,
    "reconciler: starts an order after, attempts, last wait": `${Number(reconciling["UNDELIVERED_AFTER_SECONDS"]) / 60} minutes, ${reconciling["RECONCILIATIONS_MAX"]}, ${retryDelaySeconds(Number(reconciling["RECONCILIATIONS_MAX"]), Number(reconciling["UNDELIVERED_AFTER_SECONDS"])) / 3_600} hours`,
    "workflow: publish": state("PublishOrder"),
    "workflow: record": state("RecordDelivery"),
    "workflow: longest execution": `${machine.TimeoutSeconds} s`,
    "downstream queues: visibility timeout, receives, retention": queueRow("accounting"),
    "dead-letter and failure queues: retention": [
      ...new Set(failureQueues.map(({ inputs }) => days(inputs["messageRetentionSeconds"]))),
    ].join(", "),
    "logs, execution history: retention": `${retention("process-orders")}, ${retention("deliver-orders")}`,
    "table: warm throughput, read and write units per second":
      warm === undefined
        ? "AWS's default"
        : `${number(warm["readUnitsPerSecond"])}, ${number(warm["writeUnitsPerSecond"])}`,
    "protection from deletion": table["deletionProtectionEnabled"] === true ? "yes" : "no",
  };
}

export function describeReadmeNumbers(dev: () => RecordedStack, prod: () => RecordedStack): void {
  test("the README says what the stacks are made with", () => {
    const [inDev, inProd] = [rowsOf(dev()), rowsOf(prod())];
    expect(readmeTable()).toEqual(
      Object.fromEntries(Object.keys(inDev).map((row) => [row, [inDev[row], inProd[row]]])),
    );
  });
}

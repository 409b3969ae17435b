import {
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { countEmbedded } from "../../local/cloudwatch/embeddedMetrics";
import { CloudWatchFixture } from "./support/cloudWatch";
import { totals } from "./support/metrics";
import { queue } from "./support/messaging";

let run: CloudWatchFixture;
beforeEach(async () => void (run = await CloudWatchFixture.start([queue("work")])));
afterEach(async () => {
  expect(run.faults).toEqual([]);
  await run.stop();
});

const METRIC = { Namespace: "Shop", MetricName: "Sales", Dimensions: [{ Name: "branch", Value: "leeds" }] };
const sales = () =>
  run.messaging.metrics.series({ namespace: "Shop", name: "Sales", dimensions: { branch: "leeds" } });
const lastMinutes = (minutes: number) => ({
  StartTime: new Date(run.messaging.clock.now() - minutes * 60_000),
  EndTime: new Date(run.messaging.clock.now() + 1_000),
});
const data = (Stat: string, Period = 60, more: object = {}) =>
  run.client.send(
    new GetMetricDataCommand({
      ...lastMinutes(10),
      MetricDataQueries: [{ Id: "m1", MetricStat: { Metric: METRIC, Period, Stat } }],
      ...more,
    }),
  );

describe("GetMetricData", () => {
  it("answers a metric's values by the minute, the newest first", async () => {
    sales().add(2);
    sales().add(3);
    await run.minutes();
    sales().add(7);
    const { MetricDataResults } = await data("Sum");
    const now = run.messaging.clock.now();
    const minute = now - (now % 60_000);
    expect(MetricDataResults).toMatchObject([
      {
        Id: "m1",
        Label: "Sales",
        StatusCode: "Complete",
        Timestamps: [new Date(minute), new Date(minute - 60_000)],
        Values: [7, 5],
      },
    ]);
  });

  it("answers them oldest first when asked to", async () => {
    sales().add(1);
    await run.minutes();
    sales().add(2);
    const { MetricDataResults } = await data("Sum", 60, { ScanBy: "TimestampAscending" });
    expect(MetricDataResults?.[0]?.Values).toEqual([1, 2]);
  });

  it.each([
    ["Sum", 6],
    ["Average", 2],
    ["Minimum", 1],
    ["Maximum", 3],
    ["SampleCount", 3],
  ])("knows the statistic %s of 1, 2 and 3", async (statistic, expected) => {
    for (const value of [1, 2, 3]) sales().add(value);
    expect((await data(statistic)).MetricDataResults?.[0]?.Values).toEqual([expected]);
  });

  it("sums up longer periods", async () => {
    sales().add(1);
    await run.minutes();
    sales().add(2);
    const { MetricDataResults } = await data("Sum", 3_600);
    const values = MetricDataResults?.[0]?.Values ?? [];
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(3);
    expect(values.length).toBeLessThanOrEqual(2);
  });

  it("has no values for a metric that nobody counts", async () => {
    expect((await data("Sum")).MetricDataResults?.[0]?.Values).toEqual([]);
    expect((await run.client.send(new ListMetricsCommand({ Namespace: "Shop" }))).Metrics).toEqual([]);
  });

  it.each([
    ["a percentile", () => data("p99"), "p99"],
    ["a period of ten seconds", () => data("Sum", 10), "multiple of 60"],
    ["a time that ends before it begins", () => data("Sum", 60, { EndTime: new Date(0) }), "StartTime"],
    [
      "an expression",
      () => data("Sum", 60, { MetricDataQueries: [{ Id: "e1", Expression: "m1 * 2" }] }),
      "Expressions",
    ],
    ["what it does not know", () => data("Sum", 60, { LabelOptions: { Timezone: "+0100" } }), "LabelOptions"],
  ])("refuses %s", async (_what, ask, message) => {
    await expect(ask()).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringContaining(message) as unknown,
    });
  });
});

it("GetMetricStatistics answers several statistics of a metric", async () => {
  sales().add(2);
  sales().add(4);
  const { Label, Datapoints } = await run.client.send(
    new GetMetricStatisticsCommand({
      ...METRIC,
      ...lastMinutes(5),
      Period: 60,
      Statistics: ["Sum", "Maximum"],
    }),
  );
  expect(Label).toBe("Sales");
  expect(Datapoints).toMatchObject([{ Sum: 6, Maximum: 4 }]);
});

describe("ListMetrics", () => {
  it("finds metrics by their dimensions", async () => {
    sales().add();
    const { Metrics } = await run.client.send(
      new ListMetricsCommand({ Dimensions: [{ Name: "branch", Value: "leeds" }] }),
    );
    expect(Metrics).toEqual([METRIC]);
  });

  it("shows what a queue is measured by", async () => {
    const { Metrics = [] } = await run.client.send(new ListMetricsCommand({ Namespace: "AWS/SQS" }));
    expect(Metrics.map(({ MetricName }) => MetricName).sort()).toEqual([
      "ApproximateAgeOfOldestMessage",
      "ApproximateNumberOfMessagesDelayed",
      "ApproximateNumberOfMessagesNotVisible",
      "ApproximateNumberOfMessagesVisible",
    ]);
  });
});

it("a queue's depth is measured when somebody asks", async () => {
  await run.messaging.send("work", "one");
  await run.messaging.send("work", "two");
  const { MetricDataResults } = await run.client.send(
    new GetMetricDataCommand({
      ...lastMinutes(1),
      MetricDataQueries: [
        {
          Id: "waiting",
          MetricStat: {
            Metric: {
              Namespace: "AWS/SQS",
              MetricName: "ApproximateNumberOfMessagesVisible",
              Dimensions: [{ Name: "QueueName", Value: "work" }],
            },
            Period: 60,
            Stat: "Maximum",
          },
        },
      ],
    }),
  );
  expect(MetricDataResults?.[0]?.Values).toEqual([2]);
});

it("an action that CloudWatch does not have here is refused by name", async () => {
  const put = new PutMetricDataCommand({ Namespace: "Shop", MetricData: [] });
  await expect(run.client.send(put)).rejects.toMatchObject({
    name: "UnknownOperationException",
    message: "CloudWatch's PutMetricData is not supported here.",
  });
});

it("values older than a day are forgotten", async () => {
  const series = sales();
  series.add(1);
  const begun = run.messaging.clock.now();
  for (let minute = 1; minute <= 24 * 60; minute++) series.add(1, begun + minute * 60_000);
  expect(totals(run.messaging.metrics, "Shop")).toEqual({ Sales: 24 * 60 });
});

describe("metrics that a log line embeds", () => {
  const line = (members: object, aws: object = {}) =>
    JSON.stringify({
      _aws: {
        Timestamp: run.messaging.clock.now(),
        CloudWatchMetrics: [
          { Namespace: "Shop", Dimensions: [["service"]], Metrics: [{ Name: "Sold" }, { Name: "Lost" }] },
        ],
        ...aws,
      },
      service: "till",
      ...members,
    });
  const count = (text: string) => countEmbedded(text, run.messaging.clock.now(), run.messaging.metrics);

  it("are counted, lists value by value", () => {
    count(line({ Sold: [1, 1, 1], Lost: 2 }));
    expect(totals(run.messaging.metrics, "Shop")).toEqual({ Sold: 3, Lost: 2 });
    const id = { namespace: "Shop", name: "Sold", dimensions: { service: "till" } };
    expect(run.messaging.metrics.find(id)).toBeDefined();
  });

  it("are left out when the line has no value for them", () => {
    count(line({ Sold: 1, Lost: "many" }));
    expect(totals(run.messaging.metrics, "Shop")).toEqual({ Sold: 1 });
  });

  it.each([
    ["is no JSON", '{"CloudWatchMetrics"'],
    ["has another shape", '{"_aws":{"CloudWatchMetrics":"all"}}'],
    ["embeds none", '{"message":"hello"}'],
  ])("are none when the line %s", (_what, text) => {
    count(text);
    expect(totals(run.messaging.metrics, "Shop")).toEqual({});
  });
});

import type { RecordedStack } from "../support/recordedStack";
import { Symbols } from "../support/symbols";

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly [namespace: string, name: string, ...unknown[]])[];
  };
}

/** What operators look at in AWS's console. It does not prove how the console draws it. */
export function describeObservation(dev: () => RecordedStack): void {
  const widgets = () => {
    const { dashboardBody } = dev().inputs("cloudwatch.Dashboard", "orders");
    return (JSON.parse(String(dashboardBody)) as { readonly widgets: readonly Widget[] }).widgets;
  };
  const graphs = () => widgets().filter(({ type }) => type === "metric");

  describe("the dashboard", () => {
    test("follows an order from left to right, trouble under traffic", () => {
      const titles = graphs()
        .filter(({ properties }) => !properties.title.endsWith("trouble"))
        .sort((a, b) => a.y - b.y || a.x - b.x)
        .map(({ properties }) => properties.title);
      const hops = ["accept", "buffer", "store", "record", "start", "deliver", "fan out", "receive"];
      // The ninth is the workflow's last step.
      expect(titles).toEqual([...hops.map((hop, index) => `${index + 1} ${hop}`), "10 reconcile"]);
      for (const { properties, x, y, height } of graphs()) {
        const trouble = graphs().find((other) => other.properties.title === `${properties.title}: trouble`);
        if (!properties.title.endsWith("trouble")) expect(trouble).toMatchObject({ x, y: y + height });
      }
    });

    test("lays no widget over another, nor over the edge", () => {
      const taken = widgets().flatMap(({ x, y, width, height }) =>
        Array.from(
          { length: width * height },
          (_, cell) => `${x + (cell % width)},${y + Math.floor(cell / width)}`,
        ),
      );
      expect(new Set(taken).size).toBe(taken.length);
      for (const { x, width } of widgets()) expect(x + width).toBeLessThanOrEqual(24);
    });

    test("shows the state of every alarm", () => {
      const shown = widgets().flatMap(({ properties }) => properties.alarms ?? []);
      const alarms = dev().all("cloudwatch.MetricAlarm");
      expect([...shown].sort()).toEqual(alarms.map(({ outputs }) => String(outputs["arn"])).sort());
    });

    test("shows every metric that an alarm watches", () => {
      const metric = (namespace: unknown, name: unknown, dimensions: readonly unknown[]) =>
        JSON.stringify([namespace, name, ...dimensions]);
      const shown = graphs().flatMap(({ properties }) =>
        (properties.metrics ?? []).map(([namespace, name, ...rest]) =>
          metric(namespace, name, rest.slice(0, -1)),
        ),
      );
      const watched = dev()
        .all("cloudwatch.MetricAlarm")
        // The age in a downstream queue is its team's affair: the graph shows how much waits there.
        .filter(({ inputs }) => !String(inputs["alarmDescription"]).endsWith("#downstream-queue-not-read"))
        .map(({ inputs }) =>
          metric(
            inputs["namespace"],
            inputs["metricName"],
            Object.entries(inputs["dimensions"] as object).flat(),
          ),
        );
      expect(shown).toEqual(expect.arrayContaining(watched));
    });
  });

  test("the saved queries search the workflow's log and the functions'", () => {
    const queries = new Symbols(dev()).in(
      dev()
        .all("cloudwatch.QueryDefinition")
        .map(({ inputs }) => inputs),
    );
    expect(queries.map(({ name }) => name)).toEqual([
      "order-service-dev/one order's history",
      "order-service-dev/slowest executions",
      "order-service-dev/failures by error",
    ]);
    for (const { logGroupNames } of queries)
      expect(logGroupNames).toEqual(
        ["deliver-orders", "process-orders", "start-deliveries", "reconcile-deliveries"].map(
          (name) => `<cloudwatch.LogGroup ${name} name>`,
        ),
      );
  });
}

import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { Caller } from "../../../local/aws/caller";
import { MetricStore } from "../../../local/cloudwatch/metricStore";
import { Clock } from "../../../local/clock";
import { Logs } from "../../../local/logs";
import { openStore } from "../../../local/store";
import { allowAll } from "./authorizer";
import { serve } from "./endpoint";
import { host, resource } from "./resource";

export const GROUP = "/app/group";
export const GROUP_ARN = `arn:aws:logs:eu-central-1:123456789012:log-group:${GROUP}`;
export const STREAM = "stream-1";

/** AWS's own delivery of logs: it needs no role. */
const DELIVERY: Caller = {
  type: "service",
  service: "delivery.logs.amazonaws.com",
  sourceArn: "arn:aws:test",
};

type Options = ConstructorParameters<typeof Logs>[0];

/** CloudWatch Logs behind an endpoint, with one log group. */
export class LogsFixture {
  private constructor(
    readonly clock: Clock,
    readonly logs: Logs,
    readonly client: CloudWatchLogsClient,
    private readonly close: () => Promise<void>,
  ) {}

  /** @param inputs properties of the log group */
  static async start(
    inputs: Readonly<Record<string, unknown>> = {},
    options: Partial<Options> = {},
  ): Promise<LogsFixture> {
    const store = options.store ?? openStore();
    const clock = new Clock();
    const logs = new Logs({
      store,
      clock,
      metrics: new MetricStore(clock),
      iam: allowAll,
      keys: allowAll,
      region: "eu-central-1",
      ...options,
    });
    await host(logs, groupResource(inputs));
    logs.start();
    const served = await serve({ logs });
    const client = new CloudWatchLogsClient(served.client);
    return new LogsFixture(clock, logs, client, async () => {
      logs.stop();
      client.destroy();
      await served.close();
      clock.stop();
      if (options.store === undefined) store.close();
    });
  }

  /** Writes the messages a millisecond apart, the first at the current time; returns that time. */
  write(messages: readonly string[], stream = STREAM): number {
    const start = this.clock.now();
    const events = messages.map((message, index) => ({ timestamp: start + index, message }));
    this.logs.write(GROUP, stream, events, DELIVERY);
    return start;
  }

  stop(): Promise<void> {
    return this.close();
  }
}

/** A log group as the recorded graph has it. */
export function groupResource(inputs: Readonly<Record<string, unknown>> = {}) {
  return resource("aws:cloudwatch/logGroup:LogGroup", "group", inputs, { name: GROUP, arn: GROUP_ARN });
}

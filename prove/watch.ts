import { setTimeout as sleep } from "node:timers/promises";
import type { World } from "./world";

const MINUTE_MS = 60_000;

/** Time passes in steps of at least this, however much falls due. */
const LEAST_STEP_MS = 2_000;

/** What Pulumi appends to the names that the program gives. */
const RANDOM_SUFFIX = /-[0-9a-f]{7}$/;

/** Before it is looked again whether the queues are empty. */
const PAUSE_MS = 20;

/** Counting a long queue takes its time. */
const BACKLOG_PAUSE_MS = 250;

const VISIBLE = "ApproximateNumberOfMessages";
const HIDDEN = ["ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"];

/** What goes on in a world while its time passes: queues, undelivered orders, alarms. */
export class Watch {
  /** Every alarm that was on at the end of some minute, by the program's name for it. */
  readonly alarms = new Set<string>();
  private backlog: Promise<void> | undefined;

  constructor(
    private readonly world: World,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Lets minutes pass. Not in one leap: what falls due in between happens at its time, once no function is at work, as
   * far as it is not much closer together.
   */
  async pass(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute++) {
      for (const end = this.world.now() + MINUTE_MS; this.world.now() < end;) {
        this.signal.throwIfAborted();
        await this.world.quiet();
        const left = end - this.world.now();
        await this.world.advance(Math.min(Math.max(this.world.stepMs(), LEAST_STEP_MS), left));
      }
      await this.world.quiet();
      await this.lookAtAlarms();
    }
  }

  /** Resolves when no message is visible that somebody reads: what is left waits for time to pass. */
  async workedOff(): Promise<void> {
    do {
      this.signal.throwIfAborted();
      await sleep(PAUSE_MS);
      await this.world.quiet();
    } while ((await this.count([VISIBLE])) > 0);
  }

  /** Resolves when fewer orders than this wait to be stored; however many ask, the queue is asked once. */
  backlogBelow(orders: number): Promise<void> {
    const wait = async () => {
      while ((await this.count([VISIBLE], [this.world.outputs.ordersQueueUrl])) >= orders) {
        this.signal.throwIfAborted();
        await sleep(BACKLOG_PAUSE_MS);
      }
    };
    return (this.backlog ??= wait().finally(() => (this.backlog = undefined)));
  }

  /** How many messages wait or are in somebody's hands, on the queues that somebody reads. */
  waiting(): Promise<number> {
    return this.count([VISIBLE, ...HIDDEN]);
  }

  private async count(AttributeNames: readonly string[], urls = this.readQueues()): Promise<number> {
    const depths = urls.map(async (QueueUrl) => {
      const answer = await this.world.call("sqs", "GetQueueAttributes", { QueueUrl, AttributeNames });
      return Object.values(answer["Attributes"] as Record<string, string>).map(Number);
    });
    return (await Promise.all(depths)).flat().reduce((sum, depth) => sum + depth, 0);
  }

  private readQueues(): string[] {
    const { ordersQueueUrl, downstreamQueueUrls } = this.world.outputs;
    return [ordersQueueUrl, ...Object.values(downstreamQueueUrls)];
  }

  private async lookAtAlarms(): Promise<void> {
    const { MetricAlarms } = (await this.world.call("cloudwatch", "DescribeAlarms", {
      StateValue: "ALARM",
    })) as { MetricAlarms: { AlarmName: string }[] };
    for (const { AlarmName } of MetricAlarms) this.alarms.add(AlarmName.replace(RANDOM_SUFFIX, ""));
  }
}

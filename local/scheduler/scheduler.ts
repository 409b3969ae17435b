import type { AwsApi } from "../aws/api";
import { parseArn } from "../aws/arn";
import type { KeyAuthorizer } from "../aws/authorizer";
import { ADMINISTRATOR, type Caller } from "../aws/caller";
import type { ResourceHost } from "../aws/resource";
import type { Clock } from "../clock";
import type { MetricStore } from "../cloudwatch/metricStore";
import type { Iam } from "../iam/iam";
import { encryptionContext, RunningSchedule, type AsyncInvoker } from "./runningSchedule";
import { readGroup, readSchedule, type ScheduleSettings } from "./scheduleSettings";
import { SchedulerMetrics } from "./schedulerMetrics";

/** What EventBridge Scheduler needs from the run; `lambda` takes its invocations, `sqs` its dead letters. */
export interface SchedulerDependencies {
  readonly clock: Clock;
  /** The local endpoint of all services, such as `http://127.0.0.1:4000`. */
  readonly origin: string;
  readonly iam: Pick<Iam, "assumeRole">;
  readonly keys: KeyAuthorizer;
  readonly metrics: MetricStore;
  readonly lambda: AsyncInvoker;
  readonly sqs: AwsApi;
  readonly onFault: (error: unknown) => void;
}

const SERVICE = "scheduler.amazonaws.com";
const DEFAULT_GROUP = "default";
/** What whoever creates an encrypted schedule needs (User Guide, "Using identity-based policies", CreateSchedule). */
const CREATORS_KEY_ACTIONS = ["kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt"];

/** Amazon EventBridge Scheduler: schedules that invoke functions at a rate. */
export class Scheduler implements ResourceHost {
  readonly hosts: ResourceHost["hosts"] = {
    "aws:scheduler/schedule:Schedule": (resource) => void this.schedules.push(readSchedule(resource)),
    "aws:scheduler/scheduleGroup:ScheduleGroup": (resource) => void this.groups.add(readGroup(resource)),
  };

  private readonly groups = new Set([DEFAULT_GROUP]);
  private readonly schedules: ScheduleSettings[] = [];
  private readonly running: RunningSchedule[] = [];

  constructor(private readonly dependencies: SchedulerDependencies) {}

  /**
   * Checks every schedule as CreateSchedule does, and starts those that are enabled.
   *
   * @throws Error that names the schedule whose role cannot be assumed, or whose group or key is not there
   */
  start(): void {
    for (const settings of this.schedules) {
      const schedule = this.create(settings);
      if (settings.enabled) this.running.push(schedule);
    }
    for (const schedule of this.running) schedule.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((schedule) => schedule.stop()));
  }

  private create(schedule: ScheduleSettings): RunningSchedule {
    const { name, groupName } = schedule;
    const { metrics } = this.dependencies;
    if (!this.groups.has(groupName))
      throw new Error(`The group "${groupName}" of the schedule "${name}" does not exist.`);
    this.checkKey(schedule);
    const caller = this.assumeRole(schedule);
    return new RunningSchedule(schedule, {
      ...this.dependencies,
      caller,
      metrics: new SchedulerMetrics(metrics, groupName),
    });
  }

  /** Scheduler asks for its group, not for the schedule itself (User Guide, "Confused deputy prevention"). */
  private assumeRole({ name, arn, groupName, roleArn }: ScheduleSettings): Caller {
    const { account, region } = parseArn(arn);
    const sourceArn = `arn:aws:scheduler:${region}:${account}:schedule-group/${groupName}`;
    try {
      return this.dependencies.iam.assumeRole(roleArn, SERVICE, sourceArn, name);
    } catch (error) {
      const reason = (error as Error).message;
      throw new Error(
        `The execution role of the schedule "${name}" must allow EventBridge Scheduler to assume it: ${reason}`,
        { cause: error },
      );
    }
  }

  private checkKey({ name, arn, keyArn }: ScheduleSettings): void {
    if (keyArn === undefined) return;
    const { keys } = this.dependencies;
    try {
      for (const action of CREATORS_KEY_ACTIONS)
        keys.authorizeKey(ADMINISTRATOR, action, keyArn, "scheduler", encryptionContext(arn));
    } catch (error) {
      const reason = (error as Error).message;
      throw new Error(`The schedule "${name}" cannot be encrypted: ${reason}`, { cause: error });
    }
  }
}

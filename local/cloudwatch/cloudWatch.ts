import type { AwsApi, AwsDocument } from "../aws/api";
import type { Authorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { optionalInteger, optionalString, strings } from "../aws/document";
import { AwsError } from "../aws/error";
import type { Resource, ResourceHost } from "../aws/resource";
import type { Cancel, Clock } from "../clock";
import { Alarm, type Transition } from "./alarm";
import { describeAlarm, notification } from "./alarmAnswers";
import { readAlarm, STATES, type AlarmState } from "./alarmSettings";
import { alarmNotFound, invalidParameter } from "./errors";
import { getMetricData, getMetricStatistics, listMetrics } from "./metricQueries";
import { MINUTE_MS, type MetricStore } from "./metricStore";
import { pageOf } from "./pages";

export interface CloudWatchDependencies {
  readonly clock: Clock;
  readonly iam: Authorizer;
  readonly metrics: MetricStore;
  /** Takes what alarms publish. */
  readonly sns: AwsApi;
  /** Adds the present values of the metrics that are not counted but measured, as values of this moment. */
  readonly measure: (at: number) => void;
  /** Told of alarms that could not be published. */
  readonly onFault: (error: unknown) => void;
}

interface Action {
  /** The members that a request may have; another one is refused by name. */
  readonly members: readonly string[];
  readonly run: (input: AwsDocument) => AwsDocument;
}

const QUERY_MEMBERS = ["StartTime", "EndTime"];
const MOST_ALARMS = 100;

/** Amazon CloudWatch: the metrics that the services of the run keep, and the stack's alarms on them. */
export class CloudWatch implements AwsApi, ResourceHost {
  readonly hosts = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": (resource: Resource) => this.host(resource),
  };

  private readonly alarms = new Map<string, Alarm>();
  private cancelNext: Cancel = () => undefined;
  private readonly publishing = new Set<Promise<void>>();
  private readonly actions: Readonly<Record<string, Action>> = {
    DescribeAlarms: {
      members: ["AlarmNames", "AlarmNamePrefix", "AlarmTypes", "StateValue", "MaxRecords", "NextToken"],
      run: (input) => this.describeAlarms(input),
    },
    GetMetricData: {
      members: [...QUERY_MEMBERS, "MetricDataQueries", "ScanBy"],
      run: (input) => getMetricData(this.measured(), input),
    },
    GetMetricStatistics: {
      members: [...QUERY_MEMBERS, "Namespace", "MetricName", "Dimensions", "Period", "Statistics"],
      run: (input) => getMetricStatistics(this.measured(), input),
    },
    ListMetrics: {
      members: ["Namespace", "MetricName", "Dimensions", "NextToken"],
      run: (input) => listMetrics(this.measured(), input),
    },
    SetAlarmState: {
      members: ["AlarmName", "StateValue", "StateReason", "StateReasonData"],
      run: (input) => this.setAlarmState(input),
    },
  };

  constructor(private readonly dependencies: CloudWatchDependencies) {}

  async call(action: string, input: AwsDocument, caller: Caller): Promise<AwsDocument> {
    const known = Object.hasOwn(this.actions, action) ? this.actions[action] : undefined;
    if (known === undefined)
      throw new AwsError("UnknownOperationException", `CloudWatch's ${action} is not supported here.`);
    const unknown = Object.keys(input).find((member) => !known.members.includes(member));
    if (unknown !== undefined)
      throw invalidParameter(`The member ${unknown} of ${action} is not supported here.`);
    this.dependencies.iam.authorize(caller, `cloudwatch:${action}`, "*");
    return known.run(input);
  }

  start(): void {
    this.waitForMinute();
  }

  async stop(): Promise<void> {
    this.cancelNext();
    await Promise.all(this.publishing);
  }

  private host(resource: Resource): void {
    const alarm = new Alarm(readAlarm(resource), this.dependencies.clock.now());
    this.alarms.set(alarm.settings.name, alarm);
  }

  /** Alarms are evaluated every minute (CloudWatch User Guide, "Alarm evaluation"), here when one is full. */
  private waitForMinute(): void {
    const { clock } = this.dependencies;
    this.cancelNext = clock.after(MINUTE_MS - (clock.now() % MINUTE_MS), () => {
      try {
        this.evaluate(Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS);
      } catch (error) {
        this.dependencies.onFault(error);
      }
      this.waitForMinute();
    });
  }

  /** @param end of the last full minute */
  private evaluate(end: number): void {
    this.dependencies.measure(end - 1);
    for (const alarm of this.alarms.values()) {
      const transition = alarm.evaluate(this.dependencies.metrics, end);
      if (transition !== undefined) this.act(alarm, transition);
    }
  }

  private measured(): MetricStore {
    this.dependencies.measure(this.dependencies.clock.now());
    return this.dependencies.metrics;
  }

  private act(alarm: Alarm, transition: Transition): void {
    const { arn, actions, actionsEnabled } = alarm.settings;
    if (!actionsEnabled) return;
    const caller: Caller = { type: "service", service: "cloudwatch.amazonaws.com", sourceArn: arn };
    for (const TopicArn of actions[transition.to]) {
      const published = this.dependencies.sns
        .call("Publish", { TopicArn, ...notification(alarm, transition) }, caller)
        .then(() => undefined)
        .catch((error: unknown) =>
          this.dependencies.onFault(
            new Error(`The alarm ${alarm.settings.name} could not tell ${TopicArn}.`, { cause: error }),
          ),
        )
        .finally(() => this.publishing.delete(published));
      this.publishing.add(published);
    }
  }

  private describeAlarms(input: AwsDocument): AwsDocument {
    const names = strings(input, "AlarmNames");
    const prefix = optionalString(input, "AlarmNamePrefix") ?? "";
    const state = optionalString(input, "StateValue");
    const types = strings(input, "AlarmTypes");
    const size = optionalInteger(input, "MaxRecords") ?? 50;
    if (size < 1 || size > MOST_ALARMS)
      throw invalidParameter(`MaxRecords must be from 1 to ${MOST_ALARMS}.`);
    const alarms = [...this.alarms.values()]
      .filter(({ settings }) => names.length === 0 || names.includes(settings.name))
      .filter(({ settings }) => settings.name.startsWith(prefix))
      .filter((alarm) => state === undefined || alarm.state === state)
      .filter(() => types.length === 0 || types.includes("MetricAlarm"))
      .sort((a, b) => (a.settings.name < b.settings.name ? -1 : 1));
    return { CompositeAlarms: [], ...pageOf(input, "MetricAlarms", alarms.map(describeAlarm), size) };
  }

  /** Holds until the next evaluation, as on AWS. */
  private setAlarmState(input: AwsDocument): AwsDocument {
    const name = optionalString(input, "AlarmName") ?? "";
    const alarm = this.alarms.get(name);
    if (alarm === undefined) throw alarmNotFound(name);
    const state = optionalString(input, "StateValue");
    if (!isState(state)) throw invalidParameter(`StateValue must be one of ${STATES.join(", ")}.`);
    if (state !== alarm.state) {
      const reason = optionalString(input, "StateReason") ?? "";
      this.act(alarm, alarm.change(state, reason, this.dependencies.clock.now()));
    }
    return {};
  }
}

function isState(text: string | undefined): text is AlarmState {
  return (STATES as readonly (string | undefined)[]).includes(text);
}

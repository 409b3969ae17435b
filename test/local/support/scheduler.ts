import type { KeyAuthorizer } from "../../../local/aws/authorizer";
import type { Caller } from "../../../local/aws/caller";
import type { Resource } from "../../../local/aws/resource";
import { MetricStore } from "../../../local/cloudwatch/metricStore";
import { Clock } from "../../../local/clock";
import { Iam } from "../../../local/iam/iam";
import type { AsyncInvoker } from "../../../local/scheduler/runningSchedule";
import { Scheduler } from "../../../local/scheduler/scheduler";
import { Sqs } from "../../../local/sqs/sqs";
import { openStore } from "../../../local/store";
import { allowAll } from "./authorizer";
import { FUNCTION_ARN, ORIGIN, REGION } from "./lambda";
import { queue, queueArn, receiveAll, type Received } from "./messaging";
import { host, resource } from "./resource";

export const SCHEDULE_ARN = `arn:aws:scheduler:${REGION}:123456789012:schedule/default/sweep`;
export const SCHEDULE_GROUP_ARN = `arn:aws:scheduler:${REGION}:123456789012:schedule-group/default`;
export const SCHEDULE_ROLE_ARN = "arn:aws:iam::123456789012:role/sweeper";

/** What a function was invoked with. */
export interface Taken {
  readonly functionArn: string;
  readonly payload: string;
  readonly caller: Caller;
}

interface Options {
  /** Stands for Lambda: throws what it refuses an event with; called with 1, 2, and so on. */
  readonly invoke?: (attempt: number) => unknown;
  /** Replaces members of the statement by which Scheduler may assume the schedule's role. */
  readonly trust?: object;
  /** Whether the schedule's role may send dead letters; it may when left out. */
  readonly sends?: boolean;
  readonly keys?: KeyAuthorizer;
  /** Hosted before the schedule. */
  readonly resources?: readonly Resource[];
}

/** A schedule with the name `sweep`, every five minutes, with a dead-letter queue `dead`. */
export function schedule(
  inputs: Readonly<Record<string, unknown>> = {},
  target: Readonly<Record<string, unknown>> = {},
): Resource {
  return resource(
    "aws:scheduler/schedule:Schedule",
    "sweep",
    {
      scheduleExpression: "rate(5 minutes)",
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: FUNCTION_ARN,
        roleArn: SCHEDULE_ROLE_ARN,
        deadLetterConfig: { arn: queueArn("dead") },
        ...target,
      },
      ...inputs,
    },
    { name: "sweep", arn: SCHEDULE_ARN },
  );
}

export interface SchedulerHarness {
  readonly clock: Clock;
  readonly metrics: MetricStore;
  readonly sqs: Sqs;
  /** What functions were invoked with so far. */
  readonly taken: readonly Taken[];
  readonly faults: readonly unknown[];
  /** Lets the time pass, and what is due with it happen. */
  pass(ms: number): Promise<void>;
  /** The messages in the queue `dead`. */
  deadLetters(): Promise<readonly DeadLetter[]>;
  stop(): Promise<void>;
}

/** A message, with its attributes' texts. */
export interface DeadLetter {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Scheduler beside the real IAM and SQS, with the schedule hosted and started. */
export async function startScheduler(
  hosted: Resource = schedule(),
  { invoke, trust = {}, sends = true, keys = allowAll, resources = [] }: Options = {},
): Promise<SchedulerHarness> {
  const clock = new Clock();
  const metrics = new MetricStore(clock);
  const store = openStore();
  const iam = new Iam({ clock, region: REGION });
  const sqs = new Sqs({ store, clock, iam, keys: allowAll, metrics });
  const taken: Taken[] = [];
  const faults: unknown[] = [];
  const lambda: AsyncInvoker = {
    invokeAsync: async (functionArn, payload, { caller }) => {
      taken.push({ functionArn, payload, caller });
      await invoke?.(taken.length);
    },
  };
  const onFault = (error: unknown) => void faults.push(error);
  const scheduler = new Scheduler({ clock, origin: ORIGIN, iam, keys, metrics, lambda, sqs, onFault });
  const stop = async () => {
    await scheduler.stop();
    sqs.stop();
    clock.stop();
    store.close();
  };
  try {
    for (const one of role(trust, sends)) await host(iam, one);
    await host(sqs, queue("dead"));
    for (const one of [...resources, hosted]) await host(scheduler, one);
    scheduler.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    clock,
    metrics,
    sqs,
    taken,
    faults,
    async pass(ms) {
      clock.advance(ms);
      // What falls due at once runs with the next timers.
      await new Promise((resolve) => setTimeout(resolve, 2));
    },
    deadLetters: async () => (await receiveAll(sqs, "dead")).map(asDeadLetter),
    stop,
  };
}

function role(trust: object, sends: boolean): readonly Resource[] {
  const statement = {
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { Service: "scheduler.amazonaws.com" },
    ...trust,
  };
  const assumeRolePolicy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const Statement = { Effect: "Allow", Action: "sqs:SendMessage", Resource: queueArn("dead") };
  const policy = JSON.stringify({ Version: "2012-10-17", Statement });
  return [
    resource(
      "aws:iam/role:Role",
      "sweeper",
      { assumeRolePolicy },
      { name: "sweeper", arn: SCHEDULE_ROLE_ARN },
    ),
    ...(sends ? [resource("aws:iam/rolePolicy:RolePolicy", "sweeper", { role: "sweeper", policy })] : []),
  ];
}

function asDeadLetter({ Body, MessageAttributes = {} }: Received): DeadLetter {
  const attributes = Object.entries(MessageAttributes as Record<string, { readonly StringValue: string }>);
  return {
    body: Body,
    attributes: Object.fromEntries(attributes.map(([name, { StringValue }]) => [name, StringValue])),
  };
}

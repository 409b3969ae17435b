import { SFNClient, StartExecutionCommand, StartSyncExecutionCommand } from "@aws-sdk/client-sfn";
import type { AwsApi, AwsDocument } from "../../../local/aws/api";
import { AwsError } from "../../../local/aws/error";
import { ADMINISTRATOR, type Caller } from "../../../local/aws/caller";
import { MetricStore } from "../../../local/cloudwatch/metricStore";
import { Clock } from "../../../local/clock";
import { Logs } from "../../../local/logs";
import { StepFunctions } from "../../../local/stepfunctions";
import { openStore } from "../../../local/store";
import { allowAll } from "./authorizer";
import { serve } from "./endpoint";
import { host, resource } from "./resource";

const REGION = "eu-central-1";

export const MACHINE_ARN = `arn:aws:states:${REGION}:123456789012:stateMachine:machine`;
export const ROLE_ARN = "arn:aws:iam::123456789012:role/machine";
export const LOG_GROUP = "/aws/vendedlogs/states/machine";

export const LOG_DESTINATION = `arn:aws:logs:${REGION}:123456789012:log-group:${LOG_GROUP}:*`;
const LOG_GROUP_ARN = LOG_DESTINATION.slice(0, -2);

/** One call that a machine made, and as whom. */
export interface RecordedCall {
  readonly action: string;
  readonly input: AwsDocument;
  readonly caller: Caller;
}

/** A service that a machine calls: it records the calls and answers as it is told, then with an empty document. */
export class FakeService implements AwsApi {
  readonly calls: RecordedCall[] = [];
  private readonly answers: (AwsDocument | AwsError | "never")[] = [];

  /** What the next calls get, one each; `never` leaves a call without an answer. */
  answer(...answers: readonly (AwsDocument | AwsError | "never")[]): void {
    this.answers.push(...answers);
  }

  call(action: string, input: AwsDocument, caller: Caller): Promise<AwsDocument> {
    this.calls.push({ action, input, caller });
    const answer = this.answers.shift() ?? {};
    if (answer === "never") return new Promise(() => undefined);
    return answer instanceof AwsError ? Promise.reject(answer) : Promise.resolve(answer);
  }
}

/** How a machine ended, as StartSyncExecution tells. */
export interface Ending {
  readonly status: string | undefined;
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

/** One event of an execution as the log has it. */
export interface HistoryEvent {
  readonly id: string;
  readonly type: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly previous_event_id: string;
  readonly event_timestamp: string;
  readonly execution_arn: string;
  readonly redrive_count: string;
}

/** Step Functions and CloudWatch Logs behind an endpoint, with one machine and fakes of the services that it calls. */
export class MachineFixture {
  private constructor(
    readonly clock: Clock,
    readonly metrics: MetricStore,
    readonly logs: Logs,
    readonly stepFunctions: StepFunctions,
    readonly services: {
      readonly sns: FakeService;
      readonly sqs: FakeService;
      readonly dynamodb: FakeService;
    },
    readonly client: SFNClient,
    /** What went wrong in the local run itself. */
    readonly faults: readonly unknown[],
    private readonly close: () => Promise<void>,
  ) {}

  /** @param inputs properties of the machine besides its definition */
  static async start(
    states: Readonly<Record<string, unknown>>,
    inputs: Readonly<Record<string, unknown>> = {},
    definition: Readonly<Record<string, unknown>> = {},
  ): Promise<MachineFixture> {
    const store = openStore();
    const clock = new Clock();
    const faults: unknown[] = [];
    const metrics = new MetricStore(clock);
    const logs = new Logs({ store, clock, iam: allowAll, keys: allowAll, metrics, region: REGION });
    const services = { sns: new FakeService(), sqs: new FakeService(), dynamodb: new FakeService() };
    const stepFunctions = new StepFunctions({
      apis: services,
      assumeRole: (roleArn, _service, _source, sessionName) => ({ type: "role", roleArn, sessionName }),
      clock,
      iam: allowAll,
      keys: allowAll,
      logs,
      metrics,
      onFault: (error) => faults.push(error),
      region: REGION,
    });
    await host(
      logs,
      resource("aws:cloudwatch/logGroup:LogGroup", "log", {}, { name: LOG_GROUP, arn: LOG_GROUP_ARN }),
    );
    await host(stepFunctions, machineResource(states, inputs, definition));
    logs.start();
    stepFunctions.start();
    const served = await serve({ states: stepFunctions, logs });
    const client = new SFNClient({ ...served.client, disableHostPrefix: true });
    return new MachineFixture(clock, metrics, logs, stepFunctions, services, client, faults, async () => {
      await stepFunctions.stop();
      logs.stop();
      client.destroy();
      await served.close();
      clock.stop();
      store.close();
    });
  }

  /** Runs the machine to its end. */
  async run(input: unknown = {}): Promise<Ending> {
    const { status, output, error, cause } = await this.client.send(
      new StartSyncExecutionCommand({ stateMachineArn: MACHINE_ARN, input: JSON.stringify(input) }),
    );
    return { status, output: output === undefined ? undefined : JSON.parse(output), error, cause };
  }

  /** Starts the machine without waiting for it; returns the execution's ARN. */
  async begin(input: unknown = {}, name?: string): Promise<string | undefined> {
    const command = new StartExecutionCommand({
      stateMachineArn: MACHINE_ARN,
      input: JSON.stringify(input),
      name,
    });
    return (await this.client.send(command)).executionArn;
  }

  /** Every event that has been logged. */
  async history(): Promise<HistoryEvent[]> {
    const answer = await this.logs.call("FilterLogEvents", { logGroupName: LOG_GROUP }, ADMINISTRATOR);
    return (answer.events as { message: string }[]).map(({ message }) => JSON.parse(message) as HistoryEvent);
  }

  /** Waits until the condition holds, letting the machine work. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 5000;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error("The condition did not come true in time.");
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  stop(): Promise<void> {
    return this.close();
  }
}

/** The machine as the recorded graph has it. */
export function machineResource(
  states: Readonly<Record<string, unknown>>,
  inputs: Readonly<Record<string, unknown>> = {},
  definition: Readonly<Record<string, unknown>> = {},
) {
  const [startAt] = Object.keys(states);
  const text = JSON.stringify({ QueryLanguage: "JSONata", StartAt: startAt, States: states, ...definition });
  return resource(
    "aws:sfn/stateMachine:StateMachine",
    "machine",
    {
      definition: text,
      roleArn: ROLE_ARN,
      type: "EXPRESS",
      loggingConfiguration: {
        level: "ALL",
        includeExecutionData: true,
        logDestination: LOG_DESTINATION,
      },
      ...inputs,
    },
    { name: "machine", arn: MACHINE_ARN },
  );
}

export const TOPIC_ARN = "arn:aws:sns:eu-central-1:123456789012:topic";
export const CATCH_ALL = [{ ErrorEquals: ["States.ALL"], Next: "Caught" }];
const CAUGHT = { Type: "Pass", Output: { caught: "{% $states.input %}" }, End: true };

/** A machine with one task that publishes, and a state for what it catches. */
export function publisher(fields: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    Publish: {
      Type: "Task",
      Resource: "arn:aws:states:::sns:publish",
      Arguments: { TopicArn: TOPIC_ARN, Message: "{% $states.input.message %}" },
      End: true,
      ...fields,
    },
    Caught: CAUGHT,
  };
}

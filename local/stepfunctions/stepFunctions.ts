import { randomUUID } from "node:crypto";
import type { AwsApi, AwsDocument } from "../aws/api";
import { ACCOUNT_ID, parseArn } from "../aws/arn";
import type { Authorizer, KeyAuthorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { optionalInteger, optionalString } from "../aws/document";
import { AwsError } from "../aws/error";
import type { Resource, ResourceHost } from "../aws/resource";
import type { Clock } from "../clock";
import type { MetricStore } from "../cloudwatch/metricStore";
import { Execution, type Outcome } from "./execution";
import { ExecutionMetrics } from "./executionMetrics";
import { History } from "./history";
import type { TaskApis } from "./integration";
import type { LogSink } from "./logDelivery";
import { openSession, type AssumeRole, type MachineSession } from "./machineSession";
import { Scope } from "./scope";
import { readStartRequest, type StartRequest } from "./startRequest";
import { readStateMachine, type StateMachine } from "./stateMachine";
import { describeStateMachine, summarize, syncAnswer } from "./answers";

interface Action {
  /** The members that a request may have; another one is refused by name. */
  readonly members: readonly string[];
  readonly run: (input: AwsDocument, caller: Caller) => AwsDocument | Promise<AwsDocument>;
}

/** An execution that has been started. */
interface Started {
  readonly arn: string;
  readonly request: StartRequest;
  readonly startedAt: number;
  readonly outcome: Promise<Outcome>;
}

const MOST_LISTED = 1000;

/** AWS Step Functions: EXPRESS state machines in JSONata, with their history in CloudWatch Logs. */
export class StepFunctions implements AwsApi, ResourceHost {
  readonly hosts = {
    "aws:sfn/stateMachine:StateMachine": (resource: Resource) => this.host(resource),
  };

  private readonly machines = new Map<string, StateMachine>();
  private readonly metrics = new Map<string, ExecutionMetrics>();
  private readonly sessions = new Map<string, MachineSession>();
  private readonly running = new Map<Execution, Promise<Outcome>>();
  private readonly actions: Readonly<Record<string, Action>> = {
    StartExecution: { members: START_MEMBERS, run: (input, caller) => this.startExecution(input, caller) },
    StartSyncExecution: {
      members: [...START_MEMBERS, "includedData"],
      run: (input, caller) => this.startSyncExecution(input, caller),
    },
    DescribeStateMachine: {
      members: ["stateMachineArn"],
      run: (input, caller) => describeStateMachine(this.machineFor(input, caller, "DescribeStateMachine")),
    },
    ListStateMachines: {
      members: ["maxResults", "nextToken"],
      run: (input, caller) => this.listStateMachines(input, caller),
    },
    ListExecutions: {
      members: ["stateMachineArn", "statusFilter", "maxResults", "nextToken", "redriveFilter"],
      run: (input, caller) => {
        this.machineFor(input, caller, "ListExecutions");
        throw new AwsError(
          "StateMachineTypeNotSupported",
          "This operation is not supported by this type of state machine",
        );
      },
    },
    DescribeExecution: refusesExpress(["includedData"]),
    GetExecutionHistory: refusesExpress(["includeExecutionData", "maxResults", "nextToken", "reverseOrder"]),
    StopExecution: refusesExpress(["error", "cause"]),
  };

  constructor(
    private readonly options: {
      readonly apis: TaskApis;
      readonly assumeRole: AssumeRole;
      readonly clock: Clock;
      readonly iam: Authorizer;
      readonly keys: KeyAuthorizer;
      readonly logs: LogSink;
      readonly metrics: MetricStore;
      /** Told of what goes wrong in the local run itself: clients see a failed task or execution. */
      readonly onFault: (error: unknown) => void;
      readonly region: string;
    },
  ) {}

  async call(action: string, input: AwsDocument, caller: Caller): Promise<AwsDocument> {
    const known = Object.hasOwn(this.actions, action) ? this.actions[action] : undefined;
    if (known === undefined)
      throw new AwsError("UnknownOperationException", `Step Functions' ${action} is not supported here.`);
    const unknown = Object.keys(input).find((member) => !known.members.includes(member));
    if (unknown !== undefined)
      throw new AwsError("ValidationException", `The member ${unknown} of ${action} is not supported here.`);
    return known.run(input, caller);
  }

  /** Assumes the machines' roles and checks what AWS checks when a machine is created. */
  start(): void {
    for (const machine of this.machines.values()) this.sessionOf(machine);
  }

  /** Abandons the executions that run: they do not outlive the process. */
  async stop(): Promise<void> {
    for (const execution of this.running.keys()) execution.abandon();
    await Promise.all(this.running.values());
    for (const { delivery } of this.sessions.values()) delivery?.flush();
  }

  private host(resource: Resource): void {
    const machine = readStateMachine(resource, this.options.clock);
    this.machines.set(machine.arn, machine);
    this.metrics.set(machine.arn, new ExecutionMetrics(this.options.metrics, machine.arn));
  }

  private startExecution(input: AwsDocument, caller: Caller): AwsDocument {
    const { arn, startedAt } = this.begin(this.machineFor(input, caller, "StartExecution"), input);
    return { executionArn: arn, startDate: startedAt / 1000 };
  }

  private async startSyncExecution(input: AwsDocument, caller: Caller): Promise<AwsDocument> {
    const machine = this.machineFor(input, caller, "StartSyncExecution");
    const started = this.begin(machine, input);
    const outcome = await started.outcome;
    const stoppedAt = this.options.clock.now();
    return syncAnswer({
      ...started,
      machine,
      outcome,
      stoppedAt,
      includedData: optionalString(input, "includedData"),
    });
  }

  private listStateMachines(input: AwsDocument, caller: Caller): AwsDocument {
    this.options.iam.authorize(caller, "states:ListStateMachines", "*");
    const limit = optionalInteger(input, "maxResults") || 100;
    const start = Number(optionalString(input, "nextToken") ?? 0);
    if (limit < 0 || limit > MOST_LISTED)
      throw new AwsError("ValidationException", `maxResults must be from 0 to ${MOST_LISTED}.`);
    if (!Number.isSafeInteger(start) || start < 0)
      throw new AwsError("InvalidToken", "Invalid Token: 'Invalid token'");
    const all = [...this.machines.values()];
    const end = start + limit;
    return {
      stateMachines: all.slice(start, end).map(summarize),
      ...(end < all.length && { nextToken: String(end) }),
    };
  }

  private begin(machine: StateMachine, input: AwsDocument): Started {
    const { apis, clock, onFault, region } = this.options;
    const request = readStartRequest(input);
    const { caller, delivery } = this.sessionOf(machine);
    const startedAt = clock.now();
    const arn = `arn:aws:states:${region}:${ACCOUNT_ID}:express:${machine.name}:${request.name}:${randomUUID()}`;
    const { level, includeExecutionData } = machine.logging;
    const { roleArn } = machine;
    const execution = new Execution({
      apis,
      caller,
      clock,
      history: new History(delivery?.open(), level, includeExecutionData, arn, clock),
      input: request.input,
      machine: machine.machine,
      onFault,
      region,
      roleArn,
      scope: new Scope({
        Execution: {
          Id: arn,
          Input: request.input.value,
          Name: request.name,
          RedriveCount: 0,
          RoleArn: roleArn,
          StartTime: new Date(startedAt).toISOString(),
        },
        StateMachine: { Id: machine.arn, Name: machine.name },
      }),
    });
    const outcome = execution.run();
    this.running.set(execution, outcome);
    const metrics = this.metrics.get(machine.arn);
    metrics?.started();
    void outcome.then(({ status }) => {
      this.running.delete(execution);
      metrics?.ended(status, clock.now() - startedAt);
    });
    return { arn, request, startedAt, outcome };
  }

  private sessionOf(machine: StateMachine): MachineSession {
    const known = this.sessions.get(machine.arn);
    if (known !== undefined) return known;
    const session = openSession(machine, this.options);
    this.sessions.set(machine.arn, session);
    return session;
  }

  /** @throws AwsError `AccessDeniedException`, `InvalidArn`, `StateMachineDoesNotExist` */
  private machineFor(input: AwsDocument, caller: Caller, action: string): StateMachine {
    const arn = optionalString(input, "stateMachineArn") ?? "";
    if (!isMachineArn(arn)) throw new AwsError("InvalidArn", `Invalid Arn: '${arn}'`);
    this.options.iam.authorize(caller, `states:${action}`, arn);
    const machine = this.machines.get(arn);
    if (machine === undefined)
      throw new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }
}

const START_MEMBERS = ["stateMachineArn", "name", "input", "traceHeader"];

/** An action on an execution: Step Functions keeps no EXPRESS execution, and says so about its ARN. */
function refusesExpress(members: readonly string[]): Action {
  return {
    members: ["executionArn", ...members],
    run: (input) => {
      const arn = optionalString(input, "executionArn") ?? "";
      const reason = arn.includes(":express:") ? "Resource type not valid in this context: express" : arn;
      throw new AwsError("InvalidArn", `Invalid Arn: '${reason}'`);
    },
  };
}

function isMachineArn(arn: string): boolean {
  try {
    const { service, resource } = parseArn(arn);
    return service === "states" && resource.startsWith("stateMachine:");
  } catch {
    return false;
  }
}

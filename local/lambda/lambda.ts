import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AwsApi } from "../aws/api";
import type { KeyAuthorizer } from "../aws/authorizer";
import { ADMINISTRATOR, type Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import type { Resource, ResourceHost } from "../aws/resource";
import type { Clock } from "../clock";
import type { MetricStore } from "../cloudwatch/metricStore";
import type { StreamReader } from "../dynamodb/streams";
import type { FaultInjector } from "../faults/faultInjector";
import { acceptWithFaults } from "../faults/faultyInvocation";
import type { Iam } from "../iam/iam";
import type { Store } from "../store";
import { unpack } from "./archive";
import { hostingEventInvokeConfig, type AsyncSettings } from "./asyncInvocations/eventInvokeConfig";
import { EventQueue } from "./asyncInvocations/eventQueue";
import type { SignedEndpoint } from "./awsCallAnswers";
import { Checkpoints } from "./eventSources/checkpoints";
import type { EventSourceMapping } from "./eventSources/mapping";
import { readMapping } from "./eventSources/mappingSettings";
import { QueueMapping } from "./eventSources/queueMapping";
import { StreamMapping } from "./eventSources/streamMapping";
import type { LogWriter } from "./functionLog";
import { InvokePermissions } from "./invokePermissions";
import { readFunction, type FunctionSettings } from "./functionSettings";
import { LambdaFunction, type InvocationResult } from "./lambdaFunction";

export type { InvocationResult } from "./lambdaFunction";

export interface LambdaDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly region: string;
  /** The local endpoint of all services, such as `http://127.0.0.1:4000`. */
  readonly origin: string;
  /** What answers there. */
  readonly endpoint: SignedEndpoint;
  readonly iam: Iam;
  readonly keys: KeyAuthorizer;
  readonly sqs: AwsApi;
  readonly streams: StreamReader;
  readonly logs: LogWriter;
  readonly metrics: MetricStore;
  readonly faults?: FaultInjector;
  /** Told of what keeps a mapping from working, such as a missing permission, and of faults of the run itself. */
  readonly onFault: (error: unknown) => void;
}

/** A function, and the events that it has yet to be invoked with. */
interface Hosted {
  readonly function: LambdaFunction;
  readonly events: EventQueue;
}

const SERVICE = "lambda.amazonaws.com";
/** How long invocations may go on when the run stops. */
const GRACE_MS = 1_000;

/** Functions, run from their own archives in worker threads, and the event sources that are mapped to them. */
export class Lambda implements ResourceHost {
  readonly hosts: ResourceHost["hosts"] = {
    "aws:lambda/function:Function": (resource) => this.hostFunction(resource),
    "aws:lambda/eventSourceMapping:EventSourceMapping": (resource) => this.hostMapping(resource),
    "aws:lambda/permission:Permission": (resource) =>
      this.permissions.add(resource, (name) => this.find(name).function.settings.arn),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": hostingEventInvokeConfig(
      (functionName, settings) => this.configureEvents(this.find(functionName), settings),
    ),
  };

  private readonly functions = new Map<string, Hosted>();
  private readonly mapped = new Set<LambdaFunction>();
  private readonly permissions = new InvokePermissions();
  private readonly mappings: EventSourceMapping[] = [];
  private readonly checkpoints: Checkpoints;
  private folder: string | undefined;

  constructor(private readonly dependencies: LambdaDependencies) {
    this.checkpoints = new Checkpoints(dependencies.store);
  }

  /** How many invocations are under way, of all functions. */
  get invocations(): number {
    return [...this.functions.values()].reduce((sum, each) => sum + each.function.running, 0);
  }

  /**
   * Starts the mappings, and what an earlier run has left in the events' queues.
   *
   * Only functions with a mapping, which are called continually, get a worker ahead of their first invocation. For
   * another one the first invocation waits a tenth of a second; until then it costs the run neither time nor memory.
   */
  async start(): Promise<void> {
    await Promise.all([...this.mapped].map((each) => each.warmUp()));
    for (const mapping of this.mappings) mapping.start();
    for (const { events } of this.functions.values()) events.resume();
  }

  /** Invocations that are under way may come to their end for a second. */
  async stop(): Promise<void> {
    const { clock } = this.dependencies;
    const functions = [...this.functions.values()];
    const sources = [...this.mappings, ...functions.map(({ events }) => events)];
    const stopped = Promise.all(sources.map((source) => source.stop()));
    const inTime = new AbortController();
    await Promise.race([stopped.then(() => inTime.abort()), clock.wait(GRACE_MS, inTime.signal)]);
    await Promise.all(functions.map((each) => each.function.end()));
    await stopped;
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * Runs a function and waits for its answer (`Invoke`, RequestResponse).
   *
   * @param payload the event as JSON text, at most 6 MB
   * @param options.caller who needs `lambda:InvokeFunction`; Lambda itself when absent
   * @param options.traceHeader the value of `X-Amzn-Trace-Id`
   * @throws AwsError `ResourceNotFoundException`, `AccessDeniedException`, `TooManyRequestsException`,
   *   `RequestTooLargeException`; an error of the function is an answer
   */
  async invoke(
    functionArn: string,
    payload: string,
    options: { readonly caller?: Caller; readonly traceHeader?: string } = {},
  ): Promise<InvocationResult> {
    return this.invokable(functionArn, options.caller).function.invoke(payload, options.traceHeader);
  }

  /**
   * Takes an event for a function, which runs with it later (`Invoke`, Event).
   *
   * @param payload the event as JSON text, at most 1 MB
   * @param options.caller who needs `lambda:InvokeFunction`; Lambda itself when absent
   * @returns the request's id, once the event is accepted
   * @throws AwsError `ResourceNotFoundException`, `AccessDeniedException`, `RequestTooLargeException`,
   *   `InvalidRequestContentException`; neither an error nor a throttle of the function
   */
  async invokeAsync(
    functionArn: string,
    payload: string,
    options: { readonly caller?: Caller } = {},
  ): Promise<string> {
    const { events } = this.invokable(functionArn, options.caller);
    return acceptWithFaults(this.dependencies.faults, functionArn, payload, () => events.accept(payload));
  }

  /** The function, when the caller may invoke it. */
  private invokable(functionArn: string, caller: Caller | undefined): Hosted {
    const target = this.find(functionArn);
    if (!caller) return target;
    const { arn } = target.function.settings;
    const resourcePolicy = this.permissions.policyOf(arn);
    this.dependencies.iam.authorize(caller, "lambda:InvokeFunction", arn, { resourcePolicy });
    return target;
  }

  /** @param nameOrArn without a version other than `$LATEST`: versions and aliases are not hosted */
  private find(nameOrArn: string): Hosted {
    const [name = "", version = "$LATEST"] = nameOrArn
      .replace(/^arn:aws:lambda:[^:]*:\d*:function:/, "")
      .split(":");
    const found = version === "$LATEST" ? this.functions.get(name) : undefined;
    if (!found) throw new AwsError("ResourceNotFoundException", `Function not found: ${nameOrArn}`, 404);
    return found;
  }

  private hostFunction(resource: Resource): void {
    const settings = readFunction(resource);
    const { iam } = this.dependencies;
    const caller = this.assumeRole(settings);
    this.grantKey(settings);
    const taskRoot = join((this.folder ??= mkdtempSync(join(tmpdir(), "lambda-"))), settings.name);
    try {
      unpack(settings.code, taskRoot);
    } catch (error) {
      const reason = (error as Error).message;
      throw new Error(`The function "${settings.name}" cannot be hosted: ${reason}.`, { cause: error });
    }
    const credentials = iam.credentials(caller);
    const hosted = new LambdaFunction(settings, { ...this.dependencies, caller, credentials, taskRoot });
    const events = new EventQueue({ ...this.dependencies, function: hosted });
    this.functions.set(settings.name, { function: hosted, events });
  }

  /** Like Lambda, takes no failure queue that the function's role may not send to. */
  private configureEvents(target: Hosted, settings: AsyncSettings): void {
    const { failureQueueArn } = settings;
    if (failureQueueArn !== undefined) this.checkDestination(target.function, failureQueueArn);
    target.events.settings = settings;
  }

  private checkDestination({ caller }: LambdaFunction, queueArn: string): void {
    try {
      this.dependencies.iam.authorize(caller, "sqs:SendMessage", queueArn);
    } catch (error) {
      throw new Error(
        `The function's execution role does not have permissions to call SendMessage on ${queueArn}`,
        { cause: error },
      );
    }
  }

  private assumeRole({ name, arn, roleArn }: FunctionSettings): Caller {
    try {
      return this.dependencies.iam.assumeRole(roleArn, SERVICE, arn, name);
    } catch (error) {
      const reason = (error as Error).message;
      throw new Error(`The role defined for the function "${name}" cannot be assumed by Lambda: ${reason}`, {
        cause: error,
      });
    }
  }

  /**
   * Whoever creates a function grants its role the key of its environment, so that the role itself needs no permission
   * (Lambda Developer Guide, "Managing permissions to your server-side encryption KMS key").
   */
  private grantKey({ name, keyArn }: FunctionSettings): void {
    if (keyArn === undefined) return;
    try {
      this.dependencies.keys.authorizeKey(ADMINISTRATOR, "kms:CreateGrant", keyArn, "lambda");
    } catch (error) {
      const reason = (error as Error).message;
      throw new Error(`The environment of the function "${name}" cannot be encrypted: ${reason}`, {
        cause: error,
      });
    }
  }

  private async hostMapping(resource: Resource): Promise<void> {
    const settings = readMapping(resource);
    const target = this.find(settings.functionName).function;
    const { streams } = this.dependencies;
    const context = { ...this.dependencies, function: target };
    const mapping =
      settings.kind === "queue"
        ? new QueueMapping(settings, context)
        : new StreamMapping(settings, context, streams, this.checkpoints);
    try {
      await mapping.verify();
    } catch (error) {
      const reason = (error as Error).message;
      throw new Error(`The event source mapping "${resource.name}" is refused: ${reason}`, { cause: error });
    }
    if (!settings.enabled) return;
    this.mappings.push(mapping);
    this.mapped.add(target);
  }
}

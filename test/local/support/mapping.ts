import type { AwsApi } from "../../../local/aws/api";
import type { Authorizer } from "../../../local/aws/authorizer";
import { ADMINISTRATOR, type Caller } from "../../../local/aws/caller";
import { AwsError } from "../../../local/aws/error";
import { MetricStore } from "../../../local/cloudwatch/metricStore";
import { Clock } from "../../../local/clock";
import type { StreamReader } from "../../../local/dynamodb/streams";
import { Checkpoints } from "../../../local/lambda/eventSources/checkpoints";
import type { EventSourceMapping, MappingContext } from "../../../local/lambda/eventSources/mapping";
import { readMapping } from "../../../local/lambda/eventSources/mappingSettings";
import { QueueMapping } from "../../../local/lambda/eventSources/queueMapping";
import { StreamMapping } from "../../../local/lambda/eventSources/streamMapping";
import { FunctionMetrics } from "../../../local/lambda/functionMetrics";
import { readFunction } from "../../../local/lambda/functionSettings";
import { Sqs } from "../../../local/sqs/sqs";
import { openStore, type Store } from "../../../local/store";
import { allowAll } from "./authorizer";
import { FakeStream } from "./fakeStream";
import { FUNCTION_ARN, ORIGIN, queueArn, REGION, ROLE_ARN } from "./lambda";
import { host, resource } from "./resource";

const ROLE: Caller = { type: "role", roleArn: ROLE_ARN, sessionName: "work" };

/** The event of a mapping, as far as tests look into it. */
export interface RecordsEvent<T> {
  readonly Records: readonly T[];
}

/** What stands for the function: its answer, or a thrown error; an AwsError is Lambda's own refusal. */
export type Handler<T> = (records: readonly T[], invocation: number) => unknown;

export interface MappingHarness<T> {
  readonly metrics: MetricStore;
  readonly clock: Clock;
  readonly sqs: AwsApi;
  readonly store: Store;
  readonly faults: unknown[];
  /** The records of each invocation so far. */
  readonly invocations: (readonly T[])[];
  hostQueue(name: string, inputs?: Readonly<Record<string, unknown>>): Promise<void>;
  /** A mapping that has passed the check at its creation; not started. */
  mapping(inputs: Readonly<Record<string, unknown>>): Promise<EventSourceMapping>;
  stop(): Promise<void>;
}

export interface MappingHarnessOptions {
  readonly streams?: StreamReader;
  /** Decides what the function's role may do; everything when left out. */
  readonly iam?: Authorizer;
  readonly store?: Store;
  readonly timeoutSeconds?: number;
  /** The function's reserved concurrency. */
  readonly concurrency?: number;
  /** How many workers the function has; 1 when left out. */
  readonly workers?: number;
  /** Stands before the queues, to make them fail. */
  readonly interceptSqs?: (sqs: AwsApi) => AwsApi;
}

/** Event source mappings on real queues, with a function that runs in the test itself. */
export function mappingHarness<T>(
  handler: Handler<T>,
  options: MappingHarnessOptions = {},
): MappingHarness<T> {
  const clock = new Clock();
  const store = options.store ?? openStore();
  const metrics = new MetricStore(clock);
  const queues = new Sqs({ store, clock, iam: allowAll, keys: allowAll, metrics });
  const sqs = options.interceptSqs?.(queues) ?? queues;
  const faults: unknown[] = [];
  const invocations: (readonly T[])[] = [];
  const context: MappingContext = {
    clock,
    region: REGION,
    origin: ORIGIN,
    iam: options.iam ?? allowAll,
    sqs,
    onFault: (error) => faults.push(error),
    function: {
      settings: functionSettings(options),
      caller: ROLE,
      metrics: new FunctionMetrics(metrics, "work"),
      workers: options.workers ?? 1,
      invoke: async (payload) => {
        const { Records } = JSON.parse(payload) as RecordsEvent<T>;
        invocations.push(Records);
        const requestId = `request-${invocations.length}`;
        try {
          const answer = await handler(Records, invocations.length);
          return { requestId, executedVersion: "$LATEST", payload: JSON.stringify(answer ?? null) };
        } catch (error) {
          if (error instanceof AwsError) throw error;
          const description = { errorType: "Error", errorMessage: String(error) };
          return {
            requestId,
            executedVersion: "$LATEST",
            payload: JSON.stringify(description),
            functionError: "Unhandled",
          };
        }
      },
    },
  };
  const mappings: EventSourceMapping[] = [];
  return {
    clock,
    metrics,
    sqs: queues,
    store,
    faults,
    invocations,
    hostQueue: (name, inputs = {}) =>
      host(
        queues,
        resource("aws:sqs/queue:Queue", name, inputs, {
          name,
          arn: queueArn(name),
          url: `${ORIGIN}/123456789012/${name}`,
        }),
      ),
    mapping: async (inputs) => {
      const type = "aws:lambda/eventSourceMapping:EventSourceMapping";
      const settings = readMapping(resource(type, "mapping", { functionName: FUNCTION_ARN, ...inputs }));
      const mapping =
        settings.kind === "queue"
          ? new QueueMapping(settings, context)
          : new StreamMapping(
              settings,
              context,
              options.streams ?? new FakeStream(clock),
              new Checkpoints(store),
            );
      await mapping.verify();
      mappings.push(mapping);
      return mapping;
    },
    stop: async () => {
      await Promise.all(mappings.map((mapping) => mapping.stop()));
      queues.stop();
      clock.stop();
      if (!options.store) store.close();
    },
  };
}

/** Of a function `work`. */
export function functionSettings({
  timeoutSeconds = 10,
  concurrency = -1,
}: Pick<MappingHarnessOptions, "timeoutSeconds" | "concurrency"> = {}) {
  const inputs = {
    role: ROLE_ARN,
    runtime: "nodejs22.x",
    handler: "index.handler",
    code: {},
    timeout: timeoutSeconds,
    reservedConcurrentExecutions: concurrency,
  };
  return readFunction(
    resource("aws:lambda/function:Function", "work", inputs, { name: "work", arn: FUNCTION_ARN }),
  );
}

/** Receives one message as the administrator; `undefined` when there is none. */
export async function receiveOne(sqs: AwsApi, name: string): Promise<{ readonly Body: string } | undefined> {
  const QueueUrl = `${ORIGIN}/123456789012/${name}`;
  const answer = await sqs.call("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 1 }, ADMINISTRATOR);
  return (answer["Messages"] as { readonly Body: string }[] | undefined)?.[0];
}

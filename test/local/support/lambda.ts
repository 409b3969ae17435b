import type { AwsApi, AwsApis } from "../../../local/aws/api";
import { AwsEndpoint } from "../../../local/aws/endpoint";
import type { KeyAuthorizer } from "../../../local/aws/authorizer";
import { ADMINISTRATOR } from "../../../local/aws/caller";
import { MetricStore } from "../../../local/cloudwatch/metricStore";
import { Clock } from "../../../local/clock";
import type { StreamReader } from "../../../local/dynamodb/streams";
import { FaultInjector } from "../../../local/faults/faultInjector";
import { faultyApi } from "../../../local/faults/faultyApi";
import { Iam } from "../../../local/iam/iam";
import type { LogWriter } from "../../../local/lambda/functionLog";
import { Lambda, type InvocationResult } from "../../../local/lambda/lambda";
import { Sqs } from "../../../local/sqs/sqs";
import { openStore, type Store } from "../../../local/store";
import { allowAll } from "./authorizer";
import { host, resource } from "./resource";

export const REGION = "eu-central-1";
export const ORIGIN = "http://127.0.0.1:4000";
export const FUNCTION_ARN = `arn:aws:lambda:${REGION}:123456789012:function:work`;
export const ROLE_ARN = "arn:aws:iam::123456789012:role/worker";

/** The Pulumi SDK's tags of assets and archives. */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";

export function textAsset(text: string): object {
  return { [SIGNATURE_KEY]: "c44067f5952c0a294b673a41bacd8c17", text };
}

export function archive(assets: Readonly<Record<string, object>>): object {
  return { [SIGNATURE_KEY]: "0def7320c3a5731c473e5ecbe6d01bc7", assets };
}

/** A log event that a function wrote. */
export interface Written {
  readonly group: string;
  readonly stream: string;
  readonly message: string;
}

export interface Harness {
  readonly lambda: Lambda;
  readonly metrics: MetricStore;
  readonly clock: Clock;
  /** Without faults. */
  readonly sqs: AwsApi;
  /** Of the function's invocations and of all calls to the queues that it and its mappings make. */
  readonly injector: FaultInjector;
  readonly store: Store;
  readonly iam: Iam;
  readonly faults: unknown[];
  readonly written: Written[];
  /** Hosts a function `work` whose `index.js` is the given source. */
  hostFunction(source: string, inputs?: Readonly<Record<string, unknown>>): Promise<void>;
  hostQueue(name: string, inputs?: Readonly<Record<string, unknown>>): Promise<void>;
  hostMapping(inputs: Readonly<Record<string, unknown>>): Promise<void>;
  /** Invokes the function `work`. */
  invoke(event: unknown): Promise<InvocationResult>;
  stop(): Promise<void>;
}

export interface HarnessOptions {
  /** What the functions' role may do; all of SQS when left out. */
  readonly statements?: readonly object[];
  readonly streams?: StreamReader;
  /** Anybody may use any key when left out. */
  readonly keys?: KeyAuthorizer;
  readonly store?: Store;
  readonly clock?: Clock;
  /** What answers the functions' calls of AWS; the queues when left out. */
  readonly apis?: Partial<AwsApis>;
  /** The endpoint's address in the functions' environment. */
  readonly origin?: string;
  /** Takes what functions write; into `written` when left out. */
  readonly writeLogs?: LogWriter["write"];
}

const NO_STREAMS: StreamReader = {
  shards: () => [],
  read: () => [],
  latest: () => undefined,
  wait: () => Promise.resolve(),
};

export function queueArn(name: string): string {
  return `arn:aws:sqs:${REGION}:123456789012:${name}`;
}

/** Lambda beside the real queues and the real IAM, with a role `worker`. */
export async function lambdaHarness(options: HarnessOptions = {}): Promise<Harness> {
  const clock = options.clock ?? new Clock();
  const store = options.store ?? openStore();
  const iam = new Iam({ clock, region: REGION });
  const metrics = new MetricStore(clock);
  const sqs = new Sqs({ store, clock, iam, keys: allowAll, metrics });
  const injector = new FaultInjector(clock);
  const queues = faultyApi(injector, "sqs", sqs);
  const faults: unknown[] = [];
  const written: Written[] = [];
  const lambda = new Lambda({
    store,
    clock,
    metrics,
    region: REGION,
    origin: options.origin ?? ORIGIN,
    endpoint: new AwsEndpoint(options.apis ?? { sqs: queues }, iam.callerOf.bind(iam), (error) =>
      faults.push(error),
    ),
    iam,
    keys: options.keys ?? allowAll,
    faults: injector,
    sqs: queues,
    streams: options.streams ?? NO_STREAMS,
    logs: {
      write:
        options.writeLogs ??
        ((group, stream, events) => {
          for (const { message } of events) written.push({ group, stream, message });
        }),
    },
    onFault: (error) => faults.push(error),
  });
  await hostRole(iam, options.statements ?? [{ Effect: "Allow", Action: "sqs:*", Resource: "*" }]);
  return {
    metrics,
    lambda,
    clock,
    sqs,
    injector,
    store,
    iam,
    faults,
    written,
    hostFunction: (source, inputs = {}) =>
      host(
        lambda,
        resource(
          "aws:lambda/function:Function",
          "work",
          {
            role: ROLE_ARN,
            runtime: "nodejs22.x",
            handler: "index.handler",
            code: archive({ "index.js": textAsset(source) }),
            ...inputs,
          },
          { name: "work", arn: FUNCTION_ARN },
        ),
      ),
    hostQueue: (name, inputs = {}) =>
      host(
        sqs,
        resource("aws:sqs/queue:Queue", name, inputs, {
          name,
          arn: queueArn(name),
          url: `${ORIGIN}/123456789012/${name}`,
        }),
      ),
    hostMapping: (inputs) =>
      host(
        lambda,
        resource("aws:lambda/eventSourceMapping:EventSourceMapping", "mapping", {
          functionName: FUNCTION_ARN,
          ...inputs,
        }),
      ),
    invoke: (event) => lambda.invoke(FUNCTION_ARN, JSON.stringify(event)),
    stop: async () => {
      injector.stop();
      await lambda.stop();
      sqs.stop();
      clock.stop();
      if (!options.store) store.close();
    },
  };
}

async function hostRole(iam: Iam, statements: readonly object[]): Promise<void> {
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } };
  const assumeRolePolicy = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  const outputs = { name: "worker", arn: ROLE_ARN };
  await host(iam, resource("aws:iam/role:Role", "worker", { assumeRolePolicy }, outputs));
  if (statements.length === 0) return;
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  await host(iam, resource("aws:iam/rolePolicy:RolePolicy", "worker", { role: "worker", policy }));
}

/** Sends a message to a queue as the administrator. */
export async function send(sqs: AwsApi, name: string, body: string, attributes?: object): Promise<string> {
  const answer = await sqs.call(
    "SendMessage",
    {
      QueueUrl: `${ORIGIN}/123456789012/${name}`,
      MessageBody: body,
      ...(attributes && { MessageAttributes: attributes }),
    },
    ADMINISTRATOR,
  );
  return String(answer["MessageId"]);
}

/** How many messages a queue has: visible, and received but not deleted. */
export async function counts(sqs: AwsApi, name: string): Promise<{ visible: number; inFlight: number }> {
  const answer = await sqs.call(
    "GetQueueAttributes",
    { QueueUrl: `${ORIGIN}/123456789012/${name}`, AttributeNames: ["All"] },
    ADMINISTRATOR,
  );
  const attributes = answer["Attributes"] as Record<string, string>;
  return {
    visible: Number(attributes["ApproximateNumberOfMessages"]),
    inFlight: Number(attributes["ApproximateNumberOfMessagesNotVisible"]),
  };
}

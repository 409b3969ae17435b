import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from "@aws-sdk/client-sqs";
import * as z from "zod";
import type { ResourceGraph } from "../../local/aws/resource";
import { LocalRun } from "../../local/localRun";
import { recordedGraph } from "../support/recordedGraph";

const ROOT = resolve(__dirname, "../..");

const outputs = z.looseObject({
  apiUrl: z.string(),
  ordersTableName: z.string(),
  ordersQueueUrl: z.string(),
  stateMachineArn: z.string(),
  workflowLogGroup: z.string(),
  downstreamQueueUrls: z.record(z.string(), z.string()),
  deadLetterQueueUrls: z.record(z.string(), z.string()),
});

export const ALL_SCOPES = "orders/write orders/read";

/** A stack that the suite talks to over HTTP: the local run, or a deployed one. */
export interface Target {
  readonly outputs: z.infer<typeof outputs>;
  /** Settings of an SDK client that may look into queues and tables. */
  readonly aws: {
    readonly region: string;
    readonly endpoint?: string;
    readonly credentials?: { accessKeyId: string; secretAccessKey: string };
  };
  /** An access token of a customer. */
  token(sub: string, scope?: string): Promise<string>;
  /** The local run, for what a deployed stack cannot do in a test's time. */
  readonly local: LocalRun | undefined;
  close(): Promise<void>;
}

/**
 * The stack that `ORDER_FLOW_STACK` names, with the access token in `ORDER_FLOW_TOKEN` and the AWS credentials of the
 * environment; by default a local run of its own.
 */
export async function openTarget(stack = "dev"): Promise<Target> {
  const deployed = process.env["ORDER_FLOW_STACK"];
  return deployed === undefined ? openLocal(stack) : openDeployed(deployed);
}

/** A local run on which nobody repairs anything but who is tested: no schedule starts the reconciler. */
export function openUnscheduled(): Promise<Target> {
  return openLocal("dev", (graph) => ({
    ...graph,
    resources: graph.resources.filter(({ type }) => type !== "aws:scheduler/schedule:Schedule"),
  }));
}

/** Whether the suite runs on the local run: for tests that move its clock, or sign tokens. */
export const ON_LOCAL_RUN = process.env["ORDER_FLOW_STACK"] === undefined;

async function openLocal(
  stack: string,
  change: (graph: ResourceGraph) => ResourceGraph = (graph) => graph,
): Promise<Target> {
  const faults: unknown[] = [];
  const run = await LocalRun.start({
    directory: ROOT,
    stack,
    port: 0,
    graph: async (origin) => change(await recordedGraph(stack, origin)),
    onFault: (fault) => faults.push(fault),
  });
  return {
    outputs: outputs.parse(run.outputs),
    aws: {
      region: "eu-west-1",
      endpoint: run.outputs.local.awsEndpointUrl,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    },
    token: (sub, scope = ALL_SCOPES) => run.accessToken(sub, scope),
    local: run,
    close: async () => {
      await run.stop();
      expect(faults).toEqual([]);
    },
  };
}

function openDeployed(stack: string): Target {
  const token = process.env["ORDER_FLOW_TOKEN"];
  if (token === undefined) throw new Error("ORDER_FLOW_STACK needs an access token in ORDER_FLOW_TOKEN.");
  const json = execFileSync("pulumi", ["stack", "output", "--json", "--stack", stack], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const parsed = outputs.parse(JSON.parse(json));
  return {
    outputs: parsed,
    aws: { region: new URL(parsed.ordersQueueUrl).hostname.split(".")[1] ?? "" },
    token: () => Promise.resolve(token),
    local: undefined,
    close: () => Promise.resolve(),
  };
}

/** Requests to the API as one customer. */
export class Customer {
  constructor(
    private readonly apiUrl: string,
    private readonly accessToken: string | undefined,
  ) {}

  static async of(target: Target, sub: string, scope?: string): Promise<Customer> {
    return new Customer(target.outputs.apiUrl, await target.token(sub, scope));
  }

  /** @param body an order, or anything else: a string or bytes go out as they are */
  post(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const isRaw = typeof body === "string" || body instanceof Uint8Array;
    return this.send("/orders", {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: isRaw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body),
    });
  }

  get(path: string): Promise<Answer> {
    return this.send(path, { method: "GET" });
  }

  private async send(path: string, init: RequestInit): Promise<Answer> {
    const authorization: Record<string, string> =
      this.accessToken === undefined ? {} : { Authorization: `Bearer ${this.accessToken}` };
    const response = await fetch(this.apiUrl + path, {
      ...init,
      headers: { ...authorization, ...init.headers },
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text.startsWith("{") ? JSON.parse(text) : undefined,
    };
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed JSON object, where the text is one. */
  readonly body: unknown;
}

/** What lies in queues, through the SDK. */
export class Queues {
  private readonly sqs: SQSClient;

  constructor(target: Target) {
    this.sqs = new SQSClient(target.aws);
  }

  get client(): SQSClient {
    return this.sqs;
  }

  /** Messages that wait, and those that somebody is working on. */
  async depth(QueueUrl: string): Promise<{ visible: number; inFlight: number }> {
    const { Attributes = {} } = await this.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
      }),
    );
    return {
      visible: Number(Attributes["ApproximateNumberOfMessages"]),
      inFlight: Number(Attributes["ApproximateNumberOfMessagesNotVisible"]),
    };
  }

  /** Takes every waiting message off a queue. */
  async drain(QueueUrl: string): Promise<Message[]> {
    const drained: Message[] = [];
    for (;;) {
      const { Messages = [] } = await this.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ["All"],
          MessageSystemAttributeNames: ["All"],
          WaitTimeSeconds: 0,
        }),
      );
      if (Messages.length === 0) return drained;
      drained.push(...Messages);
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await this.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }

  close(): void {
    this.sqs.destroy();
  }
}

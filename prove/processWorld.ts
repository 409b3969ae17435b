import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { LocalProcess } from "../bench/localProcess";
import type { AwsApis, AwsDocument } from "../local/aws/api";
import type { FaultReport } from "../local/faults/faultInjector";
import type { FaultPlan } from "../local/faults/rules";
import { HttpConnections, NoAnswerError } from "../tools/httpConnections";
import { proofOutputs, type ProofOutputs, type World } from "./world";

/** What stands before the dot of `X-Amz-Target`; SNS speaks another protocol, and nobody needs it here. */
const TARGETS: Readonly<Partial<Record<keyof AwsApis, string>>> = {
  cloudwatch: "GraniteServiceVersion20100801",
  dynamodb: "DynamoDB_20120810",
  sqs: "AmazonSQS",
};

/** The local run takes any credentials for the account's administrator. */
const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=prove/20260101/eu-west-1/any/aws4_request, SignedHeaders=host, Signature=0";

/** What a function does takes less, unless it waits. */
const QUIET_MS = 60;

/** Finer than the retries' longest pauses. */
const STEP_MS = 15_000;

/** While the run is started again. */
const PAUSE_MS = 100;

const withFaults = z.object({ faultsUrl: z.string() });

/** A world in a process of its own: `npm start` with a state folder. */
export class ProcessWorld implements World {
  readonly outputs: ProofOutputs;
  private readonly connections = new HttpConnections();
  private readonly faultsUrl: string;
  private aheadMs = 0;
  private stopped = false;

  private constructor(
    private child: LocalProcess,
    private readonly folder: string,
  ) {
    this.outputs = { ...proofOutputs.parse(child.outputs), local: child.outputs.local };
    this.faultsUrl = withFaults.parse(child.outputs.local).faultsUrl;
  }

  static async start(): Promise<ProcessWorld> {
    const folder = mkdtempSync(join(tmpdir(), "prove-state-"));
    return new ProcessWorld(await LocalProcess.start(settingsOf(folder)), folder);
  }

  now(): number {
    return Date.now() + this.aheadMs;
  }

  /** Again and again while the run is being started again. */
  async call(service: keyof AwsApis, action: string, input: AwsDocument): Promise<AwsDocument> {
    for (;;)
      try {
        return await this.callOnce(service, action, input);
      } catch (error) {
        if (!(error instanceof NoAnswerError)) throw error;
        if (this.stopped) return {};
        await sleep(PAUSE_MS);
      }
  }

  token(sub: string): Promise<string> {
    return this.child.token(sub);
  }

  async setFaults(plan: FaultPlan | undefined): Promise<void> {
    await this.control(this.faultsUrl, plan ? "PUT" : "DELETE", plan);
  }

  async faultReport(): Promise<FaultReport> {
    return (await this.control(this.faultsUrl, "GET")) as FaultReport;
  }

  /** What falls due there cannot be seen from here. */
  stepMs(): number {
    return STEP_MS;
  }

  async advance(ms: number): Promise<void> {
    await this.control(`${this.outputs.local.awsEndpointUrl}/_clock`, "POST", { advanceMs: ms });
    this.aheadMs += ms;
  }

  async quiet(): Promise<void> {
    await sleep(QUIET_MS);
  }

  /** On the same port, so that the apps find it again. A clock that was moved would be back where it was. */
  async killAndRestart(): Promise<void> {
    await this.child.kill();
    const { port } = new URL(this.outputs.apiUrl);
    this.child = await LocalProcess.start({ ...settingsOf(this.folder), PORT: port });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.child.stop();
    this.connections.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async callOnce(service: keyof AwsApis, action: string, input: AwsDocument): Promise<AwsDocument> {
    const { status, body } = await this.connections.request(new URL(this.outputs.local.awsEndpointUrl), {
      method: "POST",
      headers: {
        authorization: AUTHORIZATION,
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `${TARGETS[service]}.${action}`,
      },
      body: JSON.stringify(input),
    });
    if (status !== 200) throw new Error(`${service} ${action} answered ${status}: ${body}`);
    return JSON.parse(body) as AwsDocument;
  }

  private async control(url: string, method: string, document?: unknown): Promise<unknown> {
    const answer = await fetch(url, {
      method,
      ...(document !== undefined && { body: JSON.stringify(document) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  }
}

function settingsOf(folder: string): NodeJS.ProcessEnv {
  return { LOCAL_STATE_DIR: folder, LOCAL_FAULTS: "on" };
}

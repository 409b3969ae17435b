import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { AwsApis, AwsDocument } from "../local/aws/api";
import { AwsError } from "../local/aws/error";
import type { FaultReport } from "../local/faults/faultInjector";
import type { FaultPlan } from "../local/faults/rules";
import { LocalRun, type LocalOutputs } from "../local/localRun";
import { PROJECT_ROOT, STACK, type GraphChange, type Recording } from "./recording";

export const proofOutputs = z.looseObject({
  apiUrl: z.string(),
  ordersTableName: z.string(),
  ordersQueueUrl: z.string(),
  downstreamQueueUrls: z.record(z.string(), z.string()),
  deadLetterQueueUrls: z.record(z.string(), z.string()),
});

export type ProofOutputs = z.infer<typeof proofOutputs> & Pick<LocalOutputs, "local">;

/** The run that a scenario plays in: a stack of its own, empty at first. */
export interface World {
  readonly outputs: ProofOutputs;
  /** Milliseconds since the epoch, of the run's clock. */
  now(): number;
  /** Calls a hosted service as the account's administrator. @throws AwsError */
  call(service: keyof AwsApis, action: string, input: AwsDocument): Promise<AwsDocument>;
  /** A customer's access token, good for an hour of the run's clock. */
  token(sub: string): Promise<string>;
  /** Makes calls of the services fail, until the plan is taken away by `undefined`. */
  setFaults(plan: FaultPlan | undefined): Promise<void>;
  /** How often each rule has matched and failed. */
  faultReport(): Promise<FaultReport>;
  /** How far the run's clock may be moved without passing over something that falls due in between. */
  stepMs(): number;
  /** Moves the run's clock. Only when no function is at work, unless its timeouts are what is wanted. */
  advance(ms: number): Promise<void>;
  /** Resolves when no function is at work, or when only those are that wait for what does not come. */
  quiet(): Promise<void>;
  /** Kills the run's process without a warning and starts it again, where it has one of its own. */
  killAndRestart(): Promise<void>;
  /** @throws Error when the run itself has failed meanwhile */
  stop(): Promise<void>;
}

/** How long the process must have been idle. */
const PAUSE_MS = 5;

/** A function that is at work for longer waits for an answer that is lost: time has to pass for it. */
const PATIENCE_MS = 1_500;

/** A world in this process. */
export class LocalWorld implements World {
  readonly outputs: ProofOutputs;

  private constructor(
    private readonly run: LocalRun,
    private readonly faults: readonly unknown[],
  ) {
    this.outputs = { ...proofOutputs.parse(run.outputs), local: run.outputs.local };
  }

  static async start(recording: Recording, change?: GraphChange): Promise<LocalWorld> {
    const faults: unknown[] = [];
    const run = await LocalRun.start({
      directory: PROJECT_ROOT,
      stack: STACK,
      port: 0,
      graph: (origin) => Promise.resolve(recording.at(origin, change)),
      // What services refuse is a fault that was injected, or shows in the orders.
      onFault: (error) => isRefusal(error) || faults.push(error),
    });
    return new LocalWorld(run, faults);
  }

  now(): number {
    return this.run.clock.now();
  }

  call(service: keyof AwsApis, action: string, input: AwsDocument): Promise<AwsDocument> {
    return this.run.call(service, action, input);
  }

  token(sub: string): Promise<string> {
    return this.run.accessToken(sub, "orders/write orders/read");
  }

  setFaults(plan: FaultPlan | undefined): Promise<void> {
    if (plan) this.run.faults.set(plan);
    else this.run.faults.clear();
    return Promise.resolve();
  }

  faultReport(): Promise<FaultReport> {
    return Promise.resolve(this.run.faults.report());
  }

  stepMs(): number {
    return this.run.clock.nextDueMs ?? Infinity;
  }

  advance(ms: number): Promise<void> {
    this.run.clock.advance(ms);
    return Promise.resolve();
  }

  async quiet(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (let isBusy = true; isBusy && performance.now() < deadline;) {
      const before = performance.eventLoopUtilization();
      await sleep(PAUSE_MS);
      isBusy = performance.eventLoopUtilization(before).utilization > 0.5 || this.run.invocations > 0;
    }
  }

  killAndRestart(): Promise<void> {
    throw new Error("This world lives in the proof's own process.");
  }

  async stop(): Promise<void> {
    await this.run.stop();
    if (this.faults.length > 0) throw this.faults[0];
  }
}

/** An answer of a service, by itself or as the reason of what could not be done. */
function isRefusal(error: unknown): boolean {
  return error instanceof AwsError || (error instanceof Error && error.cause instanceof AwsError);
}

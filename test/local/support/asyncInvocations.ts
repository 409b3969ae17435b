import type { Authorizer, KeyAuthorizer } from "../../../local/aws/authorizer";
import { AwsError } from "../../../local/aws/error";
import {
  DEFAULT_ASYNC_SETTINGS,
  type AsyncSettings,
} from "../../../local/lambda/asyncInvocations/eventInvokeConfig";
import { EventQueue } from "../../../local/lambda/asyncInvocations/eventQueue";
import { FunctionMetrics } from "../../../local/lambda/functionMetrics";
import type { InvocationResult } from "../../../local/lambda/lambdaFunction";
import { waitFor } from "../../support/waitFor";
import { ORIGIN, ROLE_ARN } from "./lambda";
import { functionSettings } from "./mapping";
import { host, queue, queueArn, type Messaging } from "./messaging";

interface Options {
  readonly settings?: Partial<AsyncSettings>;
  /** The function's reserved concurrency. */
  readonly concurrency?: number;
  /** Keeps the events from one harness to the next. */
  readonly folder?: string;
  readonly access?: Authorizer & KeyAuthorizer;
}

/** The events' queue of a function that runs in the test itself, with a real queue `failures` for its records. */
export class AsyncHarness {
  readonly messaging: Messaging;
  readonly queue: EventQueue;
  readonly faults: unknown[] = [];
  /** The request's id of each invocation so far. */
  readonly requestIds: (string | undefined)[] = [];

  /** @param handler its answer, or a thrown error of the function; an AwsError is Lambda's own refusal */
  constructor(
    private readonly handler: (event: unknown, invocation: number) => unknown,
    { settings, concurrency = -1, folder, access }: Options = {},
  ) {
    this.messaging = host([queue("failures")], {
      ...(folder !== undefined && { folder }),
      ...(access && { access }),
    });
    const { clock, metrics, sqs, store } = this.messaging;
    this.queue = new EventQueue({
      store,
      clock,
      sqs,
      origin: ORIGIN,
      onFault: (error) => this.faults.push(error),
      function: {
        settings: functionSettings({ concurrency }),
        caller: { type: "role", roleArn: ROLE_ARN, sessionName: "work" },
        metrics: new FunctionMetrics(metrics, "work"),
        invoke: (payload, _traceHeader, requestId) => this.invoke(payload, requestId),
      },
    });
    this.queue.settings = { ...DEFAULT_ASYNC_SETTINGS, failureQueueArn: queueArn("failures"), ...settings };
  }

  /** Lets the time pass, and what is due with it happen. */
  async pass(ms: number): Promise<void> {
    this.messaging.clock.advance(ms);
    // What falls due at once runs with the next timers.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }

  async untilInvoked(times: number): Promise<void> {
    await waitFor(() => this.requestIds.length >= times);
  }

  /** The next record in the failure queue. */
  async record(): Promise<unknown> {
    const body = await waitFor(async () => (await this.messaging.bodies("failures"))[0]);
    return JSON.parse(body);
  }

  async stop(): Promise<void> {
    await this.queue.stop();
    await this.messaging.stop();
  }

  private async invoke(payload: string, requestId = ""): Promise<InvocationResult> {
    this.requestIds.push(requestId);
    const answer = { requestId, executedVersion: "$LATEST" } as const;
    try {
      const result: unknown = await this.handler(JSON.parse(payload), this.requestIds.length);
      return { ...answer, payload: JSON.stringify(result ?? null) };
    } catch (error) {
      if (error instanceof AwsError) throw error;
      const description = { errorType: "Error", errorMessage: (error as Error).message };
      return { ...answer, payload: JSON.stringify(description), functionError: "Unhandled" };
    }
  }
}

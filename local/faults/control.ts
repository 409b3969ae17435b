import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { AwsError } from "../aws/error";
import { refuseForeignOrigin } from "../aws/loopback";
import { isNestedTooDeep } from "../aws/nesting";
import { readBody } from "../aws/requestBody";
import type { Clock } from "../clock";
import type { FaultInjector } from "./faultInjector";
import { FaultPlanError, readFaultPlan } from "./rules";

export const FAULTS_PATH = "/_faults";
const CLOCK_PATH = "/_clock";
const LONGEST_ADVANCE_MS = 366 * 24 * 60 * 60 * 1_000;

const clockRequest = z.strictObject({ advanceMs: z.int().min(1).max(LONGEST_ADVANCE_MS) });

type Handler = (body: string) => unknown;

/**
 * Takes fault plans over HTTP: `GET`, `PUT` and `DELETE /_faults`; and moves the run's clock: `POST /_clock` with
 * `{"advanceMs": 60000}`. Not for web pages.
 */
export class FaultControl {
  private readonly handlers: Readonly<Record<string, Readonly<Record<string, Handler>>>>;

  constructor(faults: FaultInjector, clock: Clock) {
    this.handlers = {
      [FAULTS_PATH]: {
        GET: () => faults.report(),
        PUT: (body) => {
          faults.set(readFaultPlan(parse(body)));
          return faults.report();
        },
        DELETE: () => {
          faults.clear();
          return faults.report();
        },
      },
      [CLOCK_PATH]: {
        POST: (body) => {
          clock.advance(advanceOf(parse(body)));
          return { now: new Date(clock.now()).toISOString() };
        },
      },
    };
  }

  /** @param path without a query */
  serves(path: string): boolean {
    return Object.hasOwn(this.handlers, path);
  }

  /** Answers one request to a path that it serves. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      refuseForeignOrigin(request.headers);
      const answer = this.handlerOf(request)(await readBody(request));
      send(response, 200, answer);
    } catch (error) {
      if (error instanceof FaultPlanError) return send(response, 400, { message: error.message });
      if (error instanceof AwsError) return send(response, error.status, { message: error.message });
      throw error;
    }
  }

  private handlerOf({ url = "", method = "" }: IncomingMessage): Handler {
    const path = url.split("?", 1)[0] ?? "";
    const handlers = this.handlers[path] ?? {};
    const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
    if (!handler) {
      const methods = Object.keys(handlers).join(", ");
      throw new AwsError("UnsupportedOperation", `${path} takes ${methods}, not ${method}.`, 405);
    }
    return handler;
  }
}

function advanceOf(document: unknown): number {
  const { data, error } = clockRequest.safeParse(document);
  if (error)
    throw new AwsError("ValidationException", `Send {"advanceMs": 60000}:\n${z.prettifyError(error)}`);
  return data.advanceMs;
}

function parse(body: string): unknown {
  if (isNestedTooDeep(body)) throw new AwsError("SerializationException", "The body is nested too deep.");
  try {
    return JSON.parse(body);
  } catch {
    throw new AwsError("SerializationException", "The body is not JSON.");
  }
}

function send(response: ServerResponse, status: number, document: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, { "Content-Type": "application/json" }).end(`${JSON.stringify(document)}\n`);
}

import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import type { OrderAnswer } from "../../contracts/api";
import { checkOrder } from "../../contracts/orderCheck";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A request to place an order, as the service saw it. */
export interface Posted {
  readonly orderId: string;
  /** The token's `sub`. */
  readonly customer: string;
  readonly body: string;
  readonly atMs: number;
}

/** What a test changes about the service; without anything, it does as the contract says, at once. */
export interface Behaviour {
  /** Instead of the answer to the nth POST of an order, counted from 1. */
  readonly place?: (posted: Posted, nth: number) => Answer | undefined | Promise<Answer | undefined>;
  /** Instead of the answer to the nth GET of an order that is stored, counted from 1. */
  readonly read?: (stored: OrderAnswer, nth: number) => Answer | undefined;
}

/** Answers like the order service, from memory, and has its outputs in a folder as the local run has. */
export class FakeOrderService {
  readonly posted: Posted[] = [];
  readonly stored = new Map<string, OrderAnswer>();
  /** How many tokens each customer was given. */
  readonly tokensGiven = new Map<string, number>();
  projectRoot = "";
  origin = "";
  readonly #reads = new Map<string, number>();
  readonly #server = http.createServer((request, response) => {
    void this.#handle(request).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });

  private constructor(private readonly behaviour: Behaviour) {}

  static async start(behaviour: Behaviour = {}): Promise<FakeOrderService> {
    const service = new FakeOrderService(behaviour);
    await new Promise<void>((resolve) => service.#server.listen(0, "127.0.0.1", resolve));
    service.origin = `http://127.0.0.1:${(service.#server.address() as AddressInfo).port}`;
    service.projectRoot = await mkdtemp(join(tmpdir(), "order-service-"));
    await service.writeOutputs({ apiUrl: service.apiUrl, local: { tokenUrl: `${service.origin}/token` } });
    return service;
  }

  get apiUrl(): string {
    return `${this.origin}/v1`;
  }

  async writeOutputs(outputs: unknown): Promise<void> {
    await mkdir(join(this.projectRoot, ".local"), { recursive: true });
    await writeFile(join(this.projectRoot, ".local", "outputs.json"), JSON.stringify(outputs));
  }

  /** Stops to listen; the folder with its outputs stays, as after a kill. */
  async kill(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.kill();
    await rm(this.projectRoot, { recursive: true });
  }

  async #handle(request: http.IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const route = `${request.method} ${request.url}`;
    if (route === "POST /token") return this.#giveToken(body);
    if (route === "POST /oauth2/token") return giveMachineToken(request.headers.authorization ?? "", body);
    const customer = /^Bearer token-of-([\w-]+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (customer === undefined) return { status: 401, body: { message: "Unauthorized" } };
    if (route === "POST /v1/orders") return this.#place(customer, body);
    if (route.startsWith("GET /v1/orders/")) return this.#read(route.slice("GET /v1/orders/".length));
    return { status: 404, body: { message: "There is no such resource." } };
  }

  #giveToken(body: string): Answer {
    const { sub, scope } = z.object({ sub: z.string(), scope: z.string() }).parse(JSON.parse(body));
    if (scope !== "orders/write orders/read") return { status: 400, body: {} };
    this.tokensGiven.set(sub, (this.tokensGiven.get(sub) ?? 0) + 1);
    return { status: 200, body: { accessToken: `token-of-${sub}` } };
  }

  async #place(customer: string, body: string): Promise<Answer> {
    const { orderId } = z.object({ orderId: z.string() }).parse(JSON.parse(body));
    const posted = { orderId, customer, body, atMs: performance.now() };
    this.posted.push(posted);
    const nth = this.posted.filter((other) => other.orderId === orderId).length;
    const answer = await this.behaviour.place?.(posted, nth);
    if (answer) return answer;
    const check = checkOrder(JSON.parse(body));
    if (!check.valid) {
      const detail = `[numeric instance is lower than the required minimum (minimum: 1, found: -${nth})]`;
      return { status: 400, body: { message: "Invalid request body", detail } };
    }
    this.stored.set(orderId, {
      orderId,
      status: "PLACED",
      placedAt: "2026-01-02T03:04:05.000Z",
      delivery: {
        status: "DELIVERED",
        attempts: 1,
        deliveredAt: "2026-01-02T03:04:05.040Z",
        messageId: "m-1",
      },
      order: check.order,
    });
    return { status: 202, body: { status: "ACCEPTED", requestId: "r-1" } };
  }

  #read(orderId: string): Answer {
    const stored = this.stored.get(orderId);
    if (!stored)
      return { status: 404, body: { message: "There is no such order, or it is not stored yet." } };
    const nth = (this.#reads.get(orderId) ?? 0) + 1;
    this.#reads.set(orderId, nth);
    return this.behaviour.read?.(stored, nth) ?? { status: 200, body: stored };
  }
}

/** The OAuth token endpoint, with one machine client: `machine`, whose secret is `s3cret`. */
function giveMachineToken(authorization: string, body: string): Answer {
  const known = `Basic ${Buffer.from("machine:s3cret").toString("base64")}`;
  const { grant_type, scope } = Object.fromEntries(new URLSearchParams(body));
  if (authorization !== known) return { status: 400, body: { error: "invalid_client" } };
  if (grant_type !== "client_credentials" || scope !== "orders/write orders/read")
    return { status: 400, body: { error: "invalid_request" } };
  return { status: 200, body: { access_token: "token-of-machine", expires_in: 3600, token_type: "Bearer" } };
}

/**
 * Puts a Pulumi CLI into a folder, for `PATH`, that knows one stack's outputs.
 *
 * @returns the folder
 */
export async function fakePulumiCli(folder: string, stack: string, outputs: unknown): Promise<string> {
  const script = [
    "#!/bin/sh",
    `[ "$*" = "stack output --json --stack ${stack}" ] && echo '${JSON.stringify(outputs)}' && exit`,
    "echo \"error: no stack named '$5' found\" >&2; exit 255",
  ];
  await writeFile(join(folder, "pulumi"), script.join("\n"), { mode: 0o755 });
  return folder;
}

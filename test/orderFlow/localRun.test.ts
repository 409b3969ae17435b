import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { randomUUID } from "node:crypto";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { orderAnswer } from "../../contracts/api";
import { anOrder } from "../support/orders";
import { waitFor } from "../support/waitFor";

const ROOT = resolve(__dirname, "../..");
const STARTED = { timeoutMs: 60_000 };

interface Outputs {
  readonly apiUrl: string;
  readonly ordersTableName: string;
  readonly ordersQueueUrl: string;
  readonly local: Readonly<Record<string, string>>;
}

/** `npm start` as a process, without npm. */
class Started {
  printed = "";
  readonly outputsFile: string;
  private readonly child: ChildProcess;

  constructor(folder: string, env: Record<string, string> = {}) {
    this.outputsFile = join(folder, `${randomUUID()}.json`);
    this.child = spawn(process.execPath, ["scripts/run.mjs", "local/main.ts"], {
      cwd: ROOT,
      env: { ...process.env, PORT: "0", LOCAL_OUTPUTS_FILE: this.outputsFile, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    started.push(this);
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (data: Buffer) => (this.printed += data.toString()));
  }

  async outputs(): Promise<Outputs> {
    await waitFor(() => {
      if (this.child.exitCode !== null) throw new Error(this.printed);
      return existsSync(this.outputsFile);
    }, STARTED);
    return JSON.parse(readFileSync(this.outputsFile, "utf8")) as Outputs;
  }

  /** The exit code; `null` when the signal killed it. */
  async end(signal: "SIGINT" | "SIGKILL" = "SIGINT"): Promise<number | null> {
    const exited = new Promise<number | null>((done) => this.child.once("exit", (code) => done(code)));
    this.child.kill(signal);
    return this.child.exitCode ?? (await exited);
  }

  /** Leaves nothing behind of a test that failed. */
  kill(): void {
    this.child.kill("SIGKILL");
  }

  /** The signal that has ended it. */
  async signal(): Promise<NodeJS.Signals> {
    return await waitFor(() => this.child.signalCode ?? undefined, STARTED);
  }

  async exitCode(): Promise<number> {
    return await waitFor(() => this.child.exitCode ?? undefined, STARTED);
  }
}

let folder: string;
const started: Started[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "local-run-test-"));
});

afterEach(() => {
  for (const run of started.splice(0)) run.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function customer({ apiUrl, local }: Outputs) {
  const answer = await fetch(local["tokenUrl"] ?? "", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ sub: "customer-1", scope: "orders/write orders/read" }),
  });
  const { accessToken } = (await answer.json()) as { accessToken: string };
  const headers = { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" };
  return {
    post: (order: object) =>
      fetch(`${apiUrl}/orders`, { method: "POST", headers, body: JSON.stringify(order) }),
    delivered: (orderId: string) =>
      waitFor(async () => {
        const response = await fetch(`${apiUrl}/orders/${orderId}`, { headers });
        const shown = response.status === 200 && orderAnswer.parse(await response.json());
        return shown && shown.status === "PLACED" && shown.delivery.status === "DELIVERED";
      }, STARTED),
  };
}

it("says what to try, takes an order, and ends on Ctrl-C without leaving anything", async () => {
  const run = new Started(folder);
  const outputs = await run.outputs();
  const { post, delivered } = await customer(outputs);
  const order = anOrder({ orderId: randomUUID() });

  expect((await post(order)).status).toBe(202);
  await delivered(order.orderId);
  expect(run.printed).toContain(`curl -i ${outputs.apiUrl}/orders`);
  const consoleUrl = outputs.local["consoleUrl"] ?? "";
  expect(await (await fetch(new URL("/", consoleUrl))).text()).toContain("<title>Order service console");
  expect(await (await fetch(`${consoleUrl}/api/orders`)).text()).toContain(order.orderId);
  expect(outputs.local["faultsUrl"]).toBeUndefined();
  const faultsUrl = new URL("/_faults", consoleUrl);
  expect((await fetch(faultsUrl, { method: "PUT", body: '{"seed":1,"rules":[]}' })).status).toBe(405);
  expect(await run.end()).toBe(0);

  expect(existsSync(run.outputsFile)).toBe(false);
  await expect(fetch(outputs.apiUrl)).rejects.toThrow();
});

/** A fault for each way that a call takes: they hurt nobody, and each is counted. */
const EVERYWHERE = [
  { service: "apigateway", operation: "POST /orders" },
  { service: "sqs", operation: "SendMessage", caller: "sns.amazonaws.com" },
  { service: "sqs", operation: "SendMessage" },
  { service: "sqs", operation: "ReceiveMessage" },
  { service: "lambda", operation: "Invoke" },
  { service: "dynamodb", operation: "PutItem" },
  { service: "dynamodb", operation: "GetRecords" },
  { service: "states", operation: "StartExecution" },
  { service: "sns", operation: "Publish" },
].map((selectors) => ({ ...selectors, always: true, fault: "delay", milliseconds: 1 }));

it("runs the prod stack too, with faults wherever calls go, and can be killed by one", async () => {
  const plan = join(folder, "plan.json");
  writeFileSync(plan, JSON.stringify({ seed: 7, rules: EVERYWHERE }));
  const run = new Started(folder, { STACK: "prod", LOCAL_FAULTS: plan });
  const outputs = await run.outputs();
  const { post, delivered } = await customer(outputs);
  const order = anOrder({ orderId: randomUUID() });

  expect((await post(order)).status).toBe(202);
  await delivered(order.orderId);

  const faultsUrl = outputs.local["faultsUrl"] ?? "";
  expect(run.printed).toContain(`FAULTS ARE ON: calls fail on purpose, by ${EVERYWHERE.length} rules`);
  const { counters } = (await (await fetch(faultsUrl)).json()) as { counters: { injected: number }[] };
  expect(counters.filter(({ injected }) => injected === 0)).toEqual([]);
  const killing = { ...EVERYWHERE[0], milliseconds: undefined, fault: "killProcess" };
  await fetch(faultsUrl, { method: "PUT", body: JSON.stringify({ seed: 7, rules: [killing] }) });
  await expect(post(order)).rejects.toThrow();
  expect(await run.signal()).toBe("SIGKILL");
});

it("has every accepted order stored or queued when it was killed and starts again with its state folder", async () => {
  const env = { LOCAL_STATE_DIR: join(folder, "state") };
  const killed = new Started(folder, env);
  const before = await customer(await killed.outputs());
  const orders = Array.from({ length: 40 }, () => anOrder({ orderId: randomUUID() }));
  const answers = await Promise.all(orders.map((order) => before.post(order)));
  await killed.end("SIGKILL");
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));

  const again = new Started(folder, env);
  const { ordersTableName, ordersQueueUrl, local } = await again.outputs();
  const aws = {
    region: "eu-west-1",
    endpoint: local["awsEndpointUrl"] ?? "",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  // What a function was working on comes back to the queue when its visibility timeout has passed.
  const [dynamodb, sqs] = [new DynamoDBClient(aws), new SQSClient(aws)];
  const stored = await dynamodb.send(new ScanCommand({ TableName: ordersTableName, Select: "COUNT" }));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: ordersQueueUrl, AttributeNames: ["All"] }),
  );
  const queued =
    Number(Attributes["ApproximateNumberOfMessages"]) +
    Number(Attributes["ApproximateNumberOfMessagesNotVisible"]);

  expect((stored.Count ?? 0) + queued).toBeGreaterThanOrEqual(orders.length);
  expect(await again.end()).toBe(0);
});

describe("a start that cannot be", () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ["a stack that does not exist", { STACK: "staging" }, /"staging".*dev, prod/s],
    ["a port that is none", { PORT: "http" }, /PORT=http is not a port/],
    ["a fault plan that is not there", { LOCAL_FAULTS: "none.json" }, /LOCAL_FAULTS=none.json.*"on".*ENOENT/],
  ])("says why in one line: %s", async (_what, env, message) => {
    const run = new Started(folder, env);

    expect(await run.exitCode()).toBe(2);
    expect(run.printed).toMatch(message);
    expect(
      run.printed
        .trim()
        .split("\n")
        .filter((line) => !line.includes("SDK")),
    ).toHaveLength(1);
  });

  it("says that the port is in use", async () => {
    const other: Server = createServer().listen(0, "127.0.0.1");
    await new Promise((listening) => other.once("listening", listening));
    const { port } = other.address() as AddressInfo;
    const run = new Started(folder, { PORT: String(port) });

    expect(await run.exitCode()).toBe(2);
    expect(run.printed).toContain(`Port ${port} is in use.`);
    other.close();
  });

  it("says that another run has the state folder open", async () => {
    const env = { LOCAL_STATE_DIR: join(folder, "state") };
    const first = new Started(folder, env);
    await first.outputs();
    const second = new Started(folder, env);

    expect(await second.exitCode()).toBe(2);
    expect(second.printed).toMatch(/has the state folder .* open/);
    expect(await first.end()).toBe(0);
  });

  it("names a state folder that cannot be used", async () => {
    writeFileSync(join(folder, "file"), "");
    const run = new Started(folder, { LOCAL_STATE_DIR: join(folder, "file") });

    expect(await run.exitCode()).toBe(2);
    expect(run.printed).toMatch(
      /The state folder .*file cannot be opened .* Choose a folder for LOCAL_STATE_DIR/,
    );
  });

  it("leaves nothing of a killed run's outputs where tools would find them", async () => {
    const left = join(folder, "outputs.json");
    writeFileSync(
      left,
      JSON.stringify({ local: { consoleUrl: "http://127.0.0.1:9/console" } }, undefined, 2),
    );
    const failing = new Started(folder, { LOCAL_OUTPUTS_FILE: left, STACK: "staging" });

    expect(await failing.exitCode()).toBe(2);
    expect(existsSync(left)).toBe(false);
  });
});

it("serves no web page that was lured here: neither under a foreign name nor, for tokens, from any origin", async () => {
  const run = new Started(folder);
  const { apiUrl, local } = await run.outputs();
  const { port } = new URL(apiUrl);
  const status = (path: string, headers: Record<string, string>) =>
    new Promise<number | undefined>((done, failed) => {
      const asked = request({ host: "127.0.0.1", port, path, method: "POST", headers }, (answer) => {
        answer.resume();
        done(answer.statusCode);
      });
      asked.once("error", failed).end("{}");
    });

  for (const path of ["/", "/v1/orders", "/console", new URL(local["tokenUrl"] ?? "").pathname])
    expect(await status(path, { Host: `evil.example:${port}` })).toBe(403);
  expect(await status("/oauth2/token", { Origin: "https://evil.example" })).toBe(403);
  expect(await run.end()).toBe(0);
});

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
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

  async exitCode(): Promise<number> {
    return await waitFor(() => this.child.exitCode ?? undefined, STARTED);
  }
}

/** What the tests leave on the disk. */
const folder = mkdtempSync(join(tmpdir(), "local-run-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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

describe("npm start", () => {
  let run: Started;
  let outputs: Outputs;

  beforeAll(async () => {
    run = new Started(folder);
    outputs = await run.outputs();
  });

  it("says what to try, takes an order, and shows it in the console", async () => {
    const { post, delivered } = await customer(outputs);
    const order = anOrder({ orderId: randomUUID() });

    expect((await post(order)).status).toBe(202);
    await delivered(order.orderId);

    expect(run.printed).toContain(`curl -i ${outputs.apiUrl}/orders`);
    const consoleUrl = outputs.local["consoleUrl"] ?? "";
    expect(await (await fetch(new URL("/", consoleUrl))).text()).toContain("<title>Order service console");
    expect(await (await fetch(`${consoleUrl}/api/orders`)).text()).toContain(order.orderId);
  });

  it("serves no web page that was lured here: neither under a foreign name nor, for tokens, from any origin", async () => {
    const { apiUrl, local } = outputs;
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
  });

  it("says that the port is in use", async () => {
    const { port } = new URL(outputs.apiUrl);
    const another = new Started(folder, { PORT: port });

    expect(await another.exitCode()).toBe(2);
    expect(another.printed).toContain(`Port ${port} is in use.`);
  });

  it("ends on Ctrl-C without leaving anything", async () => {
    expect(await run.end()).toBe(0);

    expect(existsSync(run.outputsFile)).toBe(false);
    await expect(fetch(outputs.apiUrl)).rejects.toThrow();
  });
});

describe("npm start of the prod stack, with a state folder", () => {
  const env = { STACK: "prod", LOCAL_STATE_DIR: join(folder, "state") };
  let killed: Started;
  let again: Started;

  it("takes and delivers an order", async () => {
    killed = new Started(folder, env);
    const { post, delivered } = await customer(await killed.outputs());
    const order = anOrder({ orderId: randomUUID() });

    expect((await post(order)).status).toBe(202);
    await delivered(order.orderId);
  });

  it("has every accepted order stored or queued when it was killed and starts again", async () => {
    const before = await customer(await killed.outputs());
    const orders = Array.from({ length: 40 }, () => anOrder({ orderId: randomUUID() }));
    const answers = await Promise.all(orders.map((order) => before.post(order)));
    await killed.end("SIGKILL");
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));

    again = new Started(folder, env);
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

    // And the one before them.
    expect((stored.Count ?? 0) + queued).toBeGreaterThanOrEqual(orders.length + 1);
  });

  it("says that another run has the state folder open", async () => {
    const another = new Started(folder, env);

    expect(await another.exitCode()).toBe(2);
    expect(another.printed).toMatch(/has the state folder .* open/);
    expect(await again.end()).toBe(0);
  });
});

/** The lines that a start left which could not be, but for the SDK's warnings. */
async function refusalOf(run: Started): Promise<readonly string[]> {
  expect(await run.exitCode()).toBe(2);
  const lines = run.printed.trim().split("\n");
  return lines.filter((line) => !line.includes("SDK"));
}

describe("a start that cannot be", () => {
  const left = join(folder, "outputs.json");
  let ofNoStack: readonly string[];

  beforeAll(async () => {
    const killed = { local: { consoleUrl: "http://127.0.0.1:9/console" } };
    writeFileSync(left, JSON.stringify(killed, undefined, 2));
    ofNoStack = await refusalOf(new Started(folder, { LOCAL_OUTPUTS_FILE: left, STACK: "staging" }));
  });

  it("says in one line that there is no such stack", () => {
    expect(ofNoStack).toEqual([expect.stringMatching(/"staging".*dev, prod/)]);
  });

  it("leaves nothing of a killed run's outputs where tools would find them", () => {
    expect(existsSync(left)).toBe(false);
  });

  it("says in one line that a port is none", async () => {
    const lines = await refusalOf(new Started(folder, { PORT: "http" }));
    expect(lines).toEqual([expect.stringContaining("PORT=http is not a port")]);
  });

  it("names a state folder that cannot be used", async () => {
    writeFileSync(join(folder, "file"), "");
    const lines = await refusalOf(new Started(folder, { LOCAL_STATE_DIR: join(folder, "file") }));
    expect(lines).toEqual([
      expect.stringMatching(
        /The state folder .*file cannot be opened .* Choose a folder for LOCAL_STATE_DIR/,
      ),
    ]);
  });
});

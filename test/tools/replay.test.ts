import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReplaySummary } from "../../tools/replayTally";
import { replayCommand } from "../../tools/replayCommand";
import { waitFor } from "../support/waitFor";
import { FakeOrderService, fakePulumiCli, type Answer, type Behaviour } from "./fakeOrderService";
import { runTool, type ToolResult } from "./runTool";

const FILE = join(__dirname, "fixtures", "online-retail-16-invoices.csv");

const unavailable: Answer = { status: 503, body: { message: "Send it again.", requestId: "r-9" } };
const unauthorized: Answer = { status: 401, body: { message: "The incoming token has expired" } };

let service: FakeOrderService;

async function serve(behaviour?: Behaviour): Promise<void> {
  service = await FakeOrderService.start(behaviour);
}

afterEach(() => service.close());

/** Replays to the local run that the fake is. */
function replay(...argv: string[]): Promise<ToolResult> {
  return runTool(replayCommand, argv, { projectRoot: service.projectRoot });
}

async function replayJson(...argv: string[]): Promise<ReplaySummary & { exitCode: number }> {
  const { stdout, exitCode } = await replay("--json", ...argv);
  return { ...(JSON.parse(stdout) as ReplaySummary), exitCode };
}

/** A file beside the outputs of the local run. */
async function file(name: string, content: string): Promise<string> {
  const path = join(service.projectRoot, name);
  await writeFile(path, content);
  return path;
}

describe("a replay of the data set", () => {
  it("posts every invoice and counts what was accepted, delivered and refused, by reason", async () => {
    await serve();
    const summary = await replayJson(FILE);
    expect(summary).toMatchObject({
      exitCode: 0,
      orders: 16,
      accepted: 12,
      delivered: 12,
      refused: {
        count: 4,
        reasons: {
          "400 Invalid request body: numeric instance is lower than the required minimum (minimum: 1)": 4,
        },
      },
      errors: { count: 0 },
      late: 0,
      unfinished: 0,
      deliveryMs: { p50: 40, p99: 40, max: 40 },
    });
    expect(service.posted).toHaveLength(16);
  });

  it("prints a table unless told otherwise", async () => {
    await serve();
    const { stdout, stderr, exitCode } = await replay(FILE);
    expect(stdout.replace(/\d+\.\d s {2}in all \(\d+ orders/, "1.0 s  in all (16 orders")).toBe(
      [
        "     16  orders",
        "     12  accepted",
        "     12    delivered",
        "      4  refused",
        "      4    400 Invalid request body: numeric instance is lower than the required minimum (minimum: 1)",
        "  1.0 s  in all (16 orders/s)",
        "  40 ms  from accepted to delivered (p50; p99 40 ms, max 40 ms)",
        "",
      ].join("\n"),
    );
    expect([stderr, exitCode]).toEqual(["", 0]);
  });

  it("uses one token for each customer on the local run", async () => {
    await serve();
    await replay(FILE, "--concurrency", "16");
    expect(new Set(service.posted.map(({ customer }) => customer)).size).toBe(12);
    expect(service.posted.filter(({ customer }) => customer === "guest")).toHaveLength(5);
    expect(service.tokensGiven.get("guest")).toBe(1);
  });

  it("sends the same ids and bodies the second time", async () => {
    await serve();
    await replay(FILE, "--concurrency", "1");
    const first = service.posted.splice(0).map(({ body }) => body);
    await replay(FILE, "--concurrency", "1");
    expect(service.posted.map(({ body }) => body)).toEqual(first);
  });

  it("has so many orders at a time as told", async () => {
    let atATime = 0;
    let most = 0;
    await serve({
      place: async () => {
        most = Math.max(most, ++atATime);
        await new Promise((resolve) => setTimeout(resolve, 20));
        atATime--;
        return undefined;
      },
    });
    await replay(FILE, "--concurrency", "3");
    expect(most).toBe(3);
  });

  it("keeps the pace it was told, from the first order to the last", async () => {
    await serve();
    await replay(FILE, "--rate", "100");
    const times = service.posted.map(({ atMs }) => atMs);
    const tookMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
    expect(tookMs).toBeGreaterThan(140);
    expect(tookMs).toBeLessThan(400);
  });
});

describe("JSON lines", () => {
  it("are posted as they are", async () => {
    await serve();
    const lines = ['{"orderId":"a",  "total": 1e21}', '{"orderId":"b"}'];
    const summary = await replayJson(
      await file("orders.jsonl", `${lines.join("\r\n")}\n\n`),
      "--concurrency",
      "1",
    );
    expect(service.posted.map(({ body }) => body)).toEqual(lines);
    expect(summary).toMatchObject({ exitCode: 0, refused: { count: 2 } });
  });

  it.each([
    ["that are not JSON", '{"orderId":"a"}\n{', "Line 2: it is not JSON."],
    ["without an orderId", '{"total":1}', "Line 1: it is no order with an orderId."],
    ["that are no objects", "[]", "Line 1: it is no order with an orderId."],
  ])("%s are refused before anything is posted", async (_case, text, message) => {
    await serve();
    const { exitCode, stderr } = await replay(await file("orders.jsonl", text));
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(service.posted).toEqual([]);
  });
});

describe("when the service has trouble", () => {
  it("sends an order again, with the same id, after 503 and 429", async () => {
    await serve({
      place: (_posted, nth) =>
        [unavailable, { status: 429, body: { message: "Too Many Requests" } }][nth - 1],
    });
    const line = JSON.stringify({ orderId: "a" });
    await replay(await file("orders.jsonl", line));
    expect(service.posted.map(({ body }) => body)).toEqual([line, line, line]);
  });

  it("counts an answer that is neither yes nor no as an error, and exits with 1", async () => {
    await serve({ place: () => ({ status: 404, body: "<html>\u001b[31mnot here</html>" }) });
    const { stdout, exitCode } = await replay(FILE);
    expect(stdout).toContain("16    404 An answer that is not the order service's");
    expect(exitCode).toBe(1);
  });

  it("does not take a 202 with another body for an accepted order", async () => {
    await serve({ place: () => ({ status: 202, body: {} }) });
    const summary = await replayJson(FILE);
    expect(summary).toMatchObject({ exitCode: 1, accepted: 0, errors: { count: 16 } });
  });

  it("goes on following an order after a 503 and while it is on its way", async () => {
    await serve({
      read: (stored, nth) =>
        nth === 1
          ? unavailable
          : nth === 2
            ? { status: 200, body: { ...stored, delivery: { status: "PENDING", attempts: 0 } } }
            : undefined,
    });
    expect(await replayJson(FILE)).toMatchObject({ exitCode: 0, delivered: 12 });
  });

  it("exits with 1 for orders that are not delivered in time", async () => {
    await serve({
      read: (stored) => ({ status: 200, body: { ...stored, delivery: { status: "PENDING", attempts: 3 } } }),
    });
    expect(await replayJson(FILE, "--timeout", "0.2")).toMatchObject({ exitCode: 1, delivered: 0, late: 12 });
  });

  it("exits with 1 for orders whose id belongs to an order with other content", async () => {
    await serve({
      read: (stored) => ({
        status: 200,
        body: { ...stored, order: { ...(stored.order as object), currency: "USD" } },
      }),
    });
    expect(await replayJson(FILE)).toMatchObject({ exitCode: 1, delivered: 0, conflicting: 12 });
    expect((await replay(FILE)).stdout).toContain("12    whose id belongs to an order with other content");
  });

  it("exits with 1 for orders that the service rejects afterwards or gives up, and says why", async () => {
    await serve({
      read: (stored) => {
        const { orderId, placedAt, order } = stored;
        const rejected = { orderId, placedAt, order, status: "REJECTED", reasons: ["total: is wrong"] };
        const failed = {
          ...stored,
          delivery: { status: "FAILED", attempts: 9, lastError: "the topic is gone" },
        };
        return { status: 200, body: orderId < "8" ? rejected : failed };
      },
    });
    const { exitCode, rejected, failed } = await replayJson(FILE);
    expect(exitCode).toBe(1);
    expect(rejected.reasons).toEqual({ "total: is wrong": rejected.count });
    expect(failed.reasons).toEqual({ "the topic is gone": failed.count });
    expect(rejected.count + failed.count).toBe(12);
  });

  it("stops at a token that is not accepted, and exits with 2", async () => {
    await serve({ place: (_posted) => (service.posted.length > 5 ? unauthorized : undefined) });
    const { stdout, stderr, exitCode } = await replay(FILE, "--concurrency", "1");
    expect(stderr).toBe(
      "error: The token is missing, expired, or lacks a scope (401): orders/write to place, orders/read to follow. Get another and give it with --token.\n",
    );
    expect(stdout).toContain("stopped before their end");
    expect(exitCode).toBe(2);
    expect(service.posted).toHaveLength(6);
  });
});

it("prints the summary so far on Ctrl-C, and exits with 130", async () => {
  await serve({
    read: (stored) => ({ status: 200, body: { ...stored, delivery: { status: "PENDING", attempts: 0 } } }),
  });
  const interrupt = new AbortController();
  const running = runTool(replayCommand, [FILE, "--json"], {
    projectRoot: service.projectRoot,
    signal: interrupt.signal,
  });
  await waitFor(() => service.stored.size === 12 && service.posted.length === 16);
  interrupt.abort();
  const { exitCode, stdout, stderr } = await running;
  expect(JSON.parse(stdout)).toMatchObject({ refused: { count: 4 }, delivered: 0, unfinished: 12 });
  expect([exitCode, stderr]).toEqual([130, ""]);
});

describe("what is wrong with the call is said in one line, with exit code 2:", () => {
  beforeEach(() => serve());

  async function refusal(...argv: string[]): Promise<string> {
    const { exitCode, stderr, stdout } = await replay(...argv);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(service.posted).toEqual([]);
    return stderr;
  }

  it.each([
    ["no file", [], "error: missing required argument 'file'\n"],
    ["a file that does not exist", ["none.csv"], "error: none.csv: There is no such file.\n"],
    ["a folder", [__dirname], `error: ${__dirname}: It cannot be read (EISDIR).\n`],
    [
      "a rate of nothing",
      [FILE, "--rate", "0"],
      /^error: option '--rate <orders>' argument '0' is invalid\. It must be/,
    ],
    ["half an order at a time", [FILE, "--concurrency", "1.5"], /It must be a whole number\.\n$/],
    ["an unknown option", [FILE, "--fast"], "error: unknown option '--fast'\n"],
    [
      "two services at once",
      [FILE, "--url", "https://a.example", "--stack", "dev"],
      /^error: option '--stack <name>' cannot be used with/,
    ],
    [
      "a deployed service without a token",
      [FILE, "--url", "https://a.example"],
      /^error: A deployed stack needs an access token/,
    ],
    [
      "a token over the network in the clear",
      [FILE, "--url", "http://a.example", "--token", "t"],
      /^error: --url must begin with https/,
    ],
    ["no URL", [FILE, "--url", "dev", "--token", "t"], /^error: --url must be a URL/],
    [
      "a token with its scheme",
      [FILE, "--url", "https://a.example", "--token", "Bearer t"],
      /^error: The token is not an access token/,
    ],
    ["a stack's name that is an option", [FILE, "--stack=--help"], /^error: "--help" is no stack's name/],
  ])("%s", async (_case, argv, message) => {
    expect(await refusal(...argv)).toMatch(message);
  });

  it("a file of another encoding", async () => {
    const path = join(service.projectRoot, "latin1.csv");
    await writeFile(path, Buffer.from("caf\u00e9", "latin1"));
    expect(await refusal(path)).toMatch("It is not UTF-8.");
  });

  it("an unreadable line", async () => {
    const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
    const path = await file("bad.csv", `${header}\n1,a,b,x,2010-12-01,1,2,France\n`);
    expect(await refusal(path)).toBe(
      `error: ${path}: Line 2: Quantity must be a whole number of at most 15 digits\n`,
    );
  });

  it("a file without orders", async () => {
    expect(await refusal(await file("none.jsonl", "\n"))).toMatch("There are no orders in it.");
  });

  it("no local run", async () => {
    const { exitCode, stderr } = await runTool(replayCommand, [FILE]);
    expect([exitCode, stderr]).toEqual([
      2,
      "error: There is no local run (no /nowhere/.local/outputs.json). Start it with: npm start\n",
    ]);
  });

  it("a local run that was killed", async () => {
    await service.kill();
    expect(await refusal(FILE)).toMatch(
      /^error: There is no local run: .*ECONNREFUSED.*Start it with: npm start\n$/,
    );
  });

  it("outputs that are not those of a local run", async () => {
    await service.writeOutputs({ apiUrl: service.apiUrl, local: {} });
    expect(await refusal(FILE)).toMatch("the output local.tokenUrl is missing or wrong");
  });
});

describe("a deployed stack", () => {
  const pulumiCli = () => fakePulumiCli(service.projectRoot, "acme/dev", { apiUrl: service.apiUrl });

  it("is found by the Pulumi CLI, and all orders belong to the token's sub", async () => {
    await serve();
    const env = { PATH: await pulumiCli(), ORDER_SERVICE_TOKEN: "token-of-shopper" };
    const { exitCode } = await runTool(replayCommand, [FILE, "--stack", "acme/dev"], {
      env,
      projectRoot: service.projectRoot,
    });
    expect(exitCode).toBe(0);
    expect(new Set(service.posted.map(({ customer }) => customer))).toEqual(new Set(["shopper"]));
    expect(service.tokensGiven.size).toBe(0);
  });

  it("that the Pulumi CLI does not know is an error in its words", async () => {
    await serve();
    const { exitCode, stderr } = await runTool(replayCommand, [FILE, "--stack", "prod", "--token", "t"], {
      env: { PATH: await pulumiCli() },
      projectRoot: service.projectRoot,
    });
    expect([exitCode, stderr]).toEqual([
      2,
      "error: The Pulumi CLI cannot say the stack's outputs: pulumi error: no stack named 'prod' found\n",
    ]);
  });

  it("needs the Pulumi CLI", async () => {
    await serve();
    const { exitCode, stderr } = await runTool(replayCommand, [FILE, "--stack", "dev", "--token", "t"], {
      env: { PATH: "/nowhere" },
      projectRoot: service.projectRoot,
    });
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining("pulumi is not installed: https://www.pulumi.com"),
    ]);
  });

  it("can be told by the API's URL and a token", async () => {
    await serve();
    const url = `${service.apiUrl}/`;
    const { exitCode } = await runTool(replayCommand, [FILE, "--url", url, "--token", "token-of-shopper"]);
    expect([exitCode, service.stored.size]).toEqual([0, 12]);
  });
});

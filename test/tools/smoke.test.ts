import { validate, version } from "uuid";
import { smokeCommand } from "../../tools/smokeCommand";
import { FakeOrderService, fakePulumiCli, type Behaviour } from "./fakeOrderService";
import { runTool, type ToolResult } from "./runTool";

let service: FakeOrderService;

async function serve(behaviour?: Behaviour): Promise<void> {
  service = await FakeOrderService.start(behaviour);
}

afterEach(() => service.close());

function smoke(argv: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<ToolResult> {
  return runTool(smokeCommand, argv, { projectRoot: service.projectRoot, env });
}

/** The steps that were printed, without their times. */
function steps({ stdout }: ToolResult): string[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^ +\d+\.\d{3} s {2}/, ""));
}

it("places one order with a new id and prints each step until it is delivered", async () => {
  await serve();
  const result = await smoke();
  const [orderId = ""] = service.stored.keys();
  expect([validate(orderId), version(orderId)]).toEqual([true, 7]);
  expect(steps(result)).toEqual([
    `posting    order ${orderId} to ${service.apiUrl}`,
    "accepted   request r-1",
    "stored     PLACED, placed at 2026-01-02T03:04:05.000Z",
    "delivered  message m-1",
  ]);
  expect([result.exitCode, result.stderr]).toEqual([0, ""]);
});

it("places another order the next time", async () => {
  await serve();
  await smoke();
  await smoke();
  expect(service.stored.size).toBe(2);
});

it("exits with 1 for an order that is refused, and says why", async () => {
  await serve({ place: () => ({ status: 400, body: { message: "Invalid request body", detail: "[no]" } }) });
  const result = await smoke();
  expect(steps(result).at(-1)).toBe("error      400 Invalid request body [no]");
  expect(result.exitCode).toBe(1);
});

it("exits with 1 for an order whose delivery was given up", async () => {
  await serve({
    read: (stored) => ({
      status: 200,
      body: {
        ...stored,
        delivery: { status: "FAILED", attempts: 9, lastError: "the topic is\u001b[0m gone" },
      },
    }),
  });
  const result = await smoke();
  expect(steps(result).at(-1)).toBe("failed     the topic is [0m gone");
  expect(result.exitCode).toBe(1);
});

it("exits with 2 for a token without the scopes", async () => {
  await serve({ place: () => ({ status: 403, body: { message: "Forbidden" } }) });
  const { exitCode, stderr } = await smoke();
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining("It needs the scopes orders/write and orders/read"),
  ]);
});

describe("as a machine client of a deployed stack", () => {
  beforeEach(() => serve());

  async function smokeAsMachine(
    secret: string,
    outputs: object = { tokenUrl: `${service.origin}/oauth2/token` },
  ) {
    const PATH = await fakePulumiCli(service.projectRoot, "dev", { apiUrl: service.apiUrl, ...outputs });
    return smoke(["--stack", "dev", "--client-id", "machine"], { PATH, ORDER_SERVICE_CLIENT_SECRET: secret });
  }

  it("gets a token for the client's secret", async () => {
    const { exitCode, stderr } = await smokeAsMachine("s3cret");
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(service.posted).toMatchObject([{ customer: "machine" }]);
  });

  it.each([
    ["a wrong secret", "wrong", undefined, "The token endpoint refuses client machine (400)."],
    ["no secret", "", undefined, "--client-id needs the client's secret in ORDER_SERVICE_CLIENT_SECRET."],
    [
      "a user pool of the company's own",
      "s3cret",
      {},
      "--client-id needs a --stack with a token endpoint of its own.",
    ],
  ])("exits with 2 for %s", async (_case, secret, outputs, message) => {
    const { exitCode, stderr } = await smokeAsMachine(secret, outputs);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(service.posted).toEqual([]);
  });
});

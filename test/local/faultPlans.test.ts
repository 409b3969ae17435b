import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Clock } from "../../local/clock";
import { FaultControl } from "../../local/faults/control";
import { FaultInjector } from "../../local/faults/faultInjector";
import { FaultPlanError, type FaultPlan } from "../../local/faults/rules";

const clock = new Clock();
const faults = new FaultInjector(clock);
const good = { service: "sqs", operation: "SendMessage", always: true, fault: "throttling" } as const;

afterEach(() => faults.clear());

describe("a plan that cannot be followed", () => {
  const refusal = (plan: unknown): string => {
    try {
      faults.set(plan as FaultPlan);
    } catch (error) {
      if (error instanceof FaultPlanError) return error.message;
    }
    throw new Error("The plan was taken.");
  };

  it.each<[string, object, RegExp]>([
    ["an unknown service", { service: "s3" }, /"sqs"\|"sns".*\n.*rules\[0\]\.service/],
    ["an unknown fault", { fault: "boom" }, /"throttling"\|.*\n.*rules\[0\]\.fault/],
    [
      "an unknown member",
      { chance: 1 },
      /unknown member chance: there are service, operation,.*\n.*rules\[0\]/,
    ],
    ["no frequency", { always: undefined }, /exactly one of probability, count and always/],
    ["two frequencies", { count: 1 }, /exactly one of probability, count and always/],
    ["a probability above 1", { always: undefined, probability: 2 }, /<=1.*\n.*rules\[0\]\.probability/],
    ["a count of none", { always: undefined, count: 0 }, />=1.*\n.*rules\[0\]\.count/],
    [
      "an operation in another spelling",
      { operation: "send-message" },
      /"send-message" is no operation of sqs.*\n.*rules\[0\]\.operation/,
    ],
    ["an operation of lambda", { service: "lambda", operation: "GetFunction" }, /write "Invoke"/],
    [
      "a method without a resource",
      { service: "apigateway", operation: "POST" },
      /"POST \/things\/\{thingId\}"/,
    ],
    [
      "a caller of an API",
      { service: "apigateway", operation: "*", caller: "x" },
      /select by resource.*\n.*rules\[0\]\.caller/,
    ],
    ["a delay of no length", { fault: "delay" }, /needs milliseconds.*\n.*rules\[0\]\.milliseconds/],
    ["the length of what is no delay", { milliseconds: 5 }, /throttling takes no milliseconds/],
    ["a code where no error is given", { fault: "noAnswer", code: "X" }, /noAnswer takes no code/],
    [
      "a gateway response that there is not",
      { service: "apigateway", operation: "*", code: "TEAPOT" },
      /"TEAPOT" is no gateway response: ACCESS_DENIED/,
    ],
    ["an ignored send", { fault: "ignored" }, /DeleteMessage and DeleteMessageBatch of sqs/],
    ["a crash of a queue", { fault: "crash" }, /crash is only for the operation Invoke of lambda/],
    ["calls before what is no crash", { afterCalls: 2 }, /throttling takes no afterCalls/],
    [
      "a receive that is done twice",
      { operation: "ReceiveMessage", fault: "duplicate" },
      /use ignored with DeleteMessage/,
    ],
    [
      "a kill of a process of others",
      { fault: "killProcess" },
      /rules\[0\]\.fault: killProcess would end this process/,
    ],
  ])("is refused: %s", (_what, change, message) => {
    expect(refusal({ seed: 1, rules: [{ ...good, ...change }] })).toMatch(message);
  });

  it.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /expected object/],
    ["a list", [], /expected object/],
    ["no seed", { rules: [] }, /expected (int|number).*\n.*seed/],
    ["more rules than anybody follows", { seed: 1, rules: Array(101).fill(good) }, /<=100/],
    [
      "a prototype",
      JSON.parse('{"seed":1,"rules":[],"__proto__":{"always":true}}'),
      /unknown member __proto__/,
    ],
  ])("is refused: %s", (_what, plan, message) => {
    expect(refusal(plan)).toMatch(message);
  });

  it("is told everything that is wrong at once, and leaves the plan before it in force", () => {
    faults.set({ seed: 1, rules: [{ ...good, operation: "ListQueues" }] });
    const message = refusal({
      seed: 1,
      rules: [{ ...good, fault: "delay", code: "X" }, good, { ...good, service: "s3" }],
    });
    for (const place of ["rules[0].milliseconds", "rules[0].code", "rules[2].service"])
      expect(message).toContain(place);
    expect(faults.report().plan?.rules[0]?.operation).toBe("ListQueues");
  });
});

describe("the control over HTTP", () => {
  let server: Server;
  let port: number;

  beforeAll(async () => {
    const control = new FaultControl(faults, clock);
    server = createServer((request, response) => void control.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  /** Sends a body as it is, or anything else as JSON. */
  function send(method: string, path: string, body: unknown = "", headers: IncomingHttpHeaders = {}) {
    const text = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
    return new Promise<{ status: number | undefined; body: Record<string, unknown> }>((resolve, reject) => {
      const sent = httpRequest({ port, path, method, headers }, (response) => {
        let answer = "";
        response.setEncoding("utf8").on("data", (part: string) => (answer += part));
        response.on("end", () => resolve({ status: response.statusCode, body: JSON.parse(answer) }));
      });
      sent.on("error", reject);
      sent.end(text);
    });
  }

  it("takes a plan, shows it with its counters, replaces it and ends it", async () => {
    const plan = { seed: 5, rules: [good] };
    const counters = [{ matched: 0, injected: 0 }];
    expect(await send("PUT", "/_faults", plan)).toEqual({ status: 200, body: { plan, counters } });
    expect(await send("GET", "/_faults")).toEqual({ status: 200, body: { plan, counters } });
    expect((await send("PUT", "/_faults", { seed: 6, rules: [] })).body).toMatchObject({ plan: { seed: 6 } });
    expect((await send("DELETE", "/_faults")).body).toEqual({ plan: null, counters: [] });
    expect(faults.concerns("sqs")).toBe(false);
  });

  it("moves the clock", async () => {
    const before = clock.now();
    const { status, body } = await send("POST", "/_clock", { advanceMs: 90_000 });
    expect(status).toBe(200);
    expect(Date.parse(String(body["now"]))).toBeGreaterThanOrEqual(before + 90_000);
    expect(clock.now()).toBeGreaterThanOrEqual(before + 90_000);
  });

  it.each<[string, string, string, unknown, number, RegExp]>([
    ["no JSON", "PUT", "/_faults", "{", 400, /not JSON/],
    ["nothing", "PUT", "/_faults", "", 400, /not JSON/],
    ["a plan without rules", "PUT", "/_faults", { seed: 1 }, 400, /rules/],
    [
      "a plan that kills",
      "PUT",
      "/_faults",
      { seed: 1, rules: [{ ...good, fault: "killProcess" }] },
      400,
      /npm start/,
    ],
    ["a thousand brackets and more", "PUT", "/_faults", "[".repeat(100_000), 400, /nested too deep/],
    ["what is no text", "PUT", "/_faults", new Uint8Array([0xff, 0xfe]), 400, /UTF-8/],
    ["more than a plan can need", "PUT", "/_faults", " ".repeat(5_000_000), 413, /bytes/],
    ["another method", "POST", "/_faults", {}, 405, /GET, PUT, DELETE, not POST/],
    ["a time before", "POST", "/_clock", { advanceMs: -1 }, 400, /advanceMs/],
    ["a time that is none", "POST", "/_clock", { advanceMs: 1e300 }, 400, /advanceMs/],
    ["a look at the clock", "GET", "/_clock", "", 405, /POST, not GET/],
  ])("refuses %s", async (_what, method, path, body, status, message) => {
    const answer = await send(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body["message"]).toMatch(message);
    expect(faults.report().plan).toBeNull();
  });

  it.each<[string, IncomingHttpHeaders]>([
    ["of a web page", { origin: "http://127.0.0.1:4000" }],
    ["for another host", { host: "attacker.example" }],
  ])("refuses requests %s", async (_what, headers) => {
    const { status } = await send("PUT", "/_faults", { seed: 5, rules: [good] }, headers);
    expect(status).toBe(403);
    expect(faults.report().plan).toBeNull();
  });
});

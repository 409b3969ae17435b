import { Clock } from "../../local/clock";
import { FaultInjector } from "../../local/faults/faultInjector";
import { FaultyStreams } from "../../local/faults/faultyStreams";
import { InjectedError } from "../../local/faults/injectedError";
import type { FaultRule } from "../../local/faults/rules";
import { waitFor } from "../support/waitFor";
import { apiResource, graph, method, post, serveApi, type TestApi } from "./support/apigateway";
import { planOf } from "./support/faults";
import { useMappedStream } from "./support/streamMapping";

describe("an API method", () => {
  let api: TestApi;

  beforeAll(async () => {
    const teapot = { responseType: "INTEGRATION_TIMEOUT", statusCode: "504", responseTemplates: {} };
    api = await serveApi(graph([...method(), apiResource("Response", "timeout", teapot)]));
  });

  beforeEach(() => (api.calls.length = 0));

  afterAll(async () => {
    api.injector.stop();
    await api.close();
  });

  const always = (fault: FaultRule["fault"], rest: Partial<FaultRule> = {}) =>
    api.injector.set(
      planOf({ service: "apigateway", operation: "POST /things", always: true, fault, ...rest }),
    );
  const send = (signal?: AbortSignal) =>
    fetch(`${api.url}/things`, {
      method: "POST",
      body: "{}",
      headers: { "Content-Type": "application/json" },
      signal: signal ?? null,
    });

  it.each<[FaultRule["fault"], Partial<FaultRule>, number, string]>([
    ["throttling", {}, 429, "Too Many Requests"],
    ["serverError", {}, 500, "Internal server error"],
    ["unavailable", {}, 503, "Service Unavailable"],
    ["accessDenied", {}, 403, "User is not authorized to access this resource"],
    ["serverError", { code: "INTEGRATION_TIMEOUT" }, 504, "Injected by the fault plan"],
  ])("refuses with the gateway's own answer: %s %j", async (fault, rest, status, message) => {
    always(fault, rest);
    const answer = await send();
    expect([answer.status, await answer.json()]).toEqual([status, { message }]);
    expect(api.calls).toHaveLength(0);
  });

  it("fails after it has called its integration", async () => {
    always("errorAfterEffect", { code: "INTEGRATION_TIMEOUT" });
    expect((await send()).status).toBe(504);
    expect(api.calls).toHaveLength(1);
  });

  it("loses the connection after it has called its integration", async () => {
    always("lostAnswer");
    await expect(send()).rejects.toThrow("fetch failed");
    expect(api.calls).toHaveLength(1);
  });

  it("does nothing until the client has gone", async () => {
    always("noAnswer");
    const patience = new AbortController();
    const sent = send(patience.signal);
    await waitFor(() => api.injector.report().counters[0]?.injected === 1);
    patience.abort();
    await expect(sent).rejects.toThrow();
    expect(api.calls).toHaveLength(0);
  });

  it("ends the connection of a client that does not go", async () => {
    always("noAnswer");
    const sent = send();
    await waitFor(() => api.injector.report().counters[0]?.injected === 1);
    api.clock.advance(60_000);
    await expect(sent).rejects.toThrow("fetch failed");
  });

  it("calls its integration twice and answers once", async () => {
    always("duplicate");
    expect((await send()).status).toBe(202);
    expect(api.calls).toHaveLength(2);
  });

  it("fails for the requests that hold a text alone", async () => {
    always("throttling", { resource: '"id":"bad"' });
    expect((await post(`${api.url}/things`, '{"id":"good"}')).status).toBe(202);
    expect((await post(`${api.url}/things`, '{"id":"bad"}')).status).toBe(429);
  });
});

describe("a stream", () => {
  const mapped = useMappedStream();
  let injector: FaultInjector;

  async function start(rule: Pick<FaultRule, "fault" | "count" | "always">, ...items: string[]) {
    injector = new FaultInjector(new Clock());
    injector.set(planOf({ service: "dynamodb", operation: "GetRecords", ...rule }));
    mapped.putAll(...items);
    await mapped.start(() => undefined, {}, { streams: new FaultyStreams(injector, mapped.stream) });
  }

  afterEach(() => injector.stop());

  it("is read again by its mapping after a refusal", async () => {
    await start({ fault: "throttling", count: 1 }, "a");
    await waitFor(() => mapped.harness.faults.length === 1);
    expect(mapped.harness.faults).toEqual([expect.any(InjectedError)]);
    mapped.harness.clock.advance(1_000);
    await mapped.untilInvoked(1);
    expect(mapped.ids()).toEqual([["a"]]);
  });

  it("gives the records of a read once more, then goes on", async () => {
    await start({ fault: "duplicate", always: true }, "a", "b");
    await mapped.untilInvoked(2);
    mapped.putAll("c");
    await mapped.untilInvoked(4);
    expect(mapped.ids()).toEqual([["a", "b"], ["a", "b"], ["c"], ["c"]]);
  });
});

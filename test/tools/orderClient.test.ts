import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { HttpConnections } from "../../tools/httpConnections";
import { OrderApiError, OrderClient } from "../../tools/orderClient";
import { anOrder, ORDER_ID } from "../support/orders";

let server: http.Server;
let client: OrderClient;
let connections: HttpConnections;
/** Of each request, in their order. */
let seen: { readonly line: string; readonly headers: http.IncomingHttpHeaders; readonly body: string }[];

/** A service that answers every request by the handler. */
async function serve(handler: (response: http.ServerResponse, nth: number) => void): Promise<void> {
  server.on("request", (request: http.IncomingMessage, response: http.ServerResponse) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      handler(response, seen.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  client = new OrderClient(`http://127.0.0.1:${port}/v1/`, () => Promise.resolve("secret"), connections);
}

const answer = (status: number, body: unknown) => (response: http.ServerResponse) =>
  response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));

async function errorOf(request: Promise<unknown>): Promise<OrderApiError> {
  const error: unknown = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OrderApiError) return error;
  throw new Error("The request did not fail with an OrderApiError.", { cause: error });
}

const STORED = {
  orderId: ORDER_ID,
  status: "PLACED",
  placedAt: "2026-01-02T03:04:05.000Z",
  delivery: { status: "PENDING", attempts: 0 },
  order: anOrder(),
};

beforeEach(() => {
  seen = [];
  server = http.createServer();
  connections = new HttpConnections();
});

afterEach(async () => {
  connections.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

it("places an order as JSON with the token", async () => {
  await serve(answer(202, { status: "ACCEPTED", requestId: "r-1" }));
  await expect(client.placeOrder(anOrder())).resolves.toEqual({ status: "ACCEPTED", requestId: "r-1" });
  expect(seen).toMatchObject([
    {
      line: "POST /v1/orders",
      headers: { authorization: "Bearer secret", "content-type": "application/json" },
      body: JSON.stringify(anOrder()),
    },
  ]);
});

it("reads an order by its id, whatever is in it", async () => {
  await serve(answer(200, STORED));
  await expect(client.getOrder('x/../"?')).resolves.toEqual(STORED);
  expect(seen[0]?.line).toBe("GET /v1/orders/x%2F..%2F%22%3F");
});

it("lists a page of orders and asks for the next by its token", async () => {
  await serve(answer(200, { orders: [STORED], nextToken: ORDER_ID }));
  await expect(client.listOrders()).resolves.toEqual({ orders: [STORED], nextToken: ORDER_ID });
  await client.listOrders("a&b");
  expect(seen.map(({ line }) => line)).toEqual(["GET /v1/orders", "GET /v1/orders?nextToken=a%26b"]);
});

it("uses one connection again and again", async () => {
  let connected = 0;
  server.on("connection", () => connected++);
  await serve(answer(200, STORED));
  for (let request = 0; request < 3; request++) await client.getOrder(ORDER_ID);
  expect(connected).toBe(1);
});

it("sends a request again that met a connection which the service was closing", async () => {
  await serve((response, nth) =>
    nth === 2 ? response.socket?.resetAndDestroy() : answer(200, STORED)(response),
  );
  await client.getOrder(ORDER_ID);
  await expect(client.getOrder(ORDER_ID)).resolves.toEqual(STORED);
  expect(seen).toHaveLength(3);
});

it("carries the service's words in an error", async () => {
  await serve(answer(400, { message: "Invalid request body", detail: "[no]", requestId: "r-2" }));
  expect(await errorOf(client.placeOrder(anOrder()))).toMatchObject({
    status: 400,
    message: "Invalid request body",
    detail: "[no]",
    requestId: "r-2",
    retryable: false,
  });
});

it.each([
  [429, true],
  [500, true],
  [504, true],
  [404, false],
  [301, false],
])("says of %d, with whatever body, whether another attempt may mend it: %s", async (status, retryable) => {
  await serve(answer(status, "<html>"));
  expect(await errorOf(client.getOrder(ORDER_ID))).toMatchObject({ status, retryable });
});

it("does not believe an answer that is not the contract's", async () => {
  await serve(answer(200, { ...STORED, placedAt: "yesterday" }));
  expect(await errorOf(client.getOrder(ORDER_ID))).toMatchObject({
    status: 200,
    message: "The answer is not what the contract says",
    detail: expect.stringContaining("placedAt") as unknown,
    retryable: false,
  });
});

it("knows no status when the service cannot be reached", async () => {
  await serve(answer(200, STORED));
  server.close();
  expect(await errorOf(client.getOrder(ORDER_ID))).toMatchObject({ status: undefined, retryable: true });
});

it("knows no status when the answer breaks off", async () => {
  await serve((response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("{", () => response.socket?.destroy());
  });
  expect(await errorOf(client.getOrder(ORDER_ID))).toMatchObject({ status: undefined, retryable: true });
});

it("waits for an answer no longer than told", async () => {
  await serve(() => {});
  expect(await errorOf(client.getOrder(ORDER_ID, { timeoutMs: 20 }))).toMatchObject({
    status: undefined,
    message: expect.stringMatching(/did not answer within 0.02 s$/) as unknown,
  });
});

it("ends a request with the signal's reason", async () => {
  const stop = new AbortController();
  await serve(() => stop.abort("stopped"));
  await expect(client.getOrder(ORDER_ID, { signal: stop.signal })).rejects.toBe("stopped");
});

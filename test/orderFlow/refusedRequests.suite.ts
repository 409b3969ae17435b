import { randomUUID } from "node:crypto";
import { ScanCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { anOrder, anOrderOfItems } from "../support/orders";
import { Customer, ON_LOCAL_RUN, Queues, type Target } from "./target";

/** @param run the stack to ask, once it is there */
export function describeRefusedRequests(run: () => Target): void {
  let target: Target;
  let customer: Customer;

  beforeAll(async () => {
    target = run();
    customer = await Customer.of(target, "customer-1");
  });

  const order = () => anOrder({ orderId: randomUUID() });
  const without = (field: string) =>
    Object.fromEntries(Object.entries(order()).filter(([name]) => name !== field));
  const withItem = (item: Record<string, unknown>) => ({
    ...order(),
    items: [{ sku: "A", quantity: 1, unitPrice: 1, ...item }],
  });

  describe("a body that breaks the contract", () => {
    it.each<[string, unknown]>([
      ["is not JSON", "{"],
      ["is empty", ""],
      ["is no object", "[]"],
      [
        "is invalid UTF-8",
        Buffer.concat([Buffer.from('{"orderId":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
      ],
      ["has no orderId", without("orderId")],
      ["has no total", without("total")],
      ["has no shipTo", without("shipTo")],
      ["has a field too many", { ...order(), customerId: "somebody-else" }],
      ["has a field too many in an item", withItem({ discount: 1 })],
      ["has an orderId that is no UUID", { ...order(), orderId: "order-1" }],
      ["has an orderId in upper case", { ...order(), orderId: "0193A2F0-6C1E-7D52-9A4F-0B1C2D3E4F50" }],
      ["has a quantity of 0", withItem({ quantity: 0 })],
      ["has a quantity of -1", withItem({ quantity: -1 })],
      ["has a quantity of 1.5", withItem({ quantity: 1.5 })],
      ["has a quantity of 1e21", withItem({ quantity: 1e21 })],
      ["has a quantity in a string", withItem({ quantity: "1" })],
      ["has no items", { ...order(), items: [] }],
      ["has 1,001 items", { ...anOrderOfItems(1_001), orderId: randomUUID() }],
      ["has a sku of 65 characters", withItem({ sku: "x".repeat(65) })],
      ["has an unknown channel", { ...order(), channel: "fax" }],
      ["has an unknown currency", { ...order(), currency: "XYZ" }],
      ["has a currency of another shape", { ...order(), currency: "pounds" }],
      ["has a country of another shape", { ...order(), shipTo: { ...order().shipTo, country: "England" } }],
      ["has a null", { ...order(), paymentReference: null }],
      ["has keys of an object's prototype", `{"__proto__":{"admin":true},"constructor":1}`],
      ["is nested deeply", "[".repeat(50_000) + "]".repeat(50_000)],
    ])("gets a 400 with the reason when it %s", async (_what, body) => {
      const answer = await customer.post(body);

      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({
        message: expect.any(String) as unknown,
        detail: expect.any(String) as unknown,
      });
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    });

    it("says which field is missing, and which is too many", async () => {
      expect((await customer.post(without("total"))).body).toMatchObject({
        detail: expect.stringContaining("total") as unknown,
      });
      expect((await customer.post({ ...order(), colour: "red" })).body).toMatchObject({
        detail: expect.stringContaining("colour") as unknown,
      });
    });

    it("gets a 415 when it is not application/json", async () => {
      for (const type of ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
        expect(await customer.post(order(), { "Content-Type": type })).toMatchObject({
          status: 415,
          body: { message: expect.any(String) as unknown },
        });
    });

    it("gets a 413 when it is larger than the queue takes, but not larger than the gateway does", async () => {
      const big = {
        ...order(),
        items: anOrderOfItems(1_000, { description: "x".repeat(250) }).items,
        total: 100_000,
      };

      expect(await customer.post(big)).toMatchObject({
        status: 413,
        body: { message: expect.stringContaining("too large") as unknown },
      });
    });

    it("gets a 4xx when it has 2 MB", async () => {
      const answer = await customer.post({ ...order(), paymentReference: "x".repeat(2_000_000) });

      expect([400, 413]).toContain(answer.status);
      expect(answer.body).toMatchObject({ message: expect.any(String) as unknown });
    });
  });

  describe("a request that may not be made", () => {
    const everyRoute = async (by: Customer) => [
      (await by.post(order())).status,
      (await by.get("/orders")).status,
      (await by.get(`/orders/${randomUUID()}`)).status,
    ];

    it("gets a 401 without a token", async () => {
      expect(await everyRoute(new Customer(target.outputs.apiUrl, undefined))).toEqual([401, 401, 401]);
    });

    it("gets a 401 with a token that somebody else signed, or that is no token", async () => {
      const [head, claims] = (await target.token("customer-1")).split(".");
      for (const token of [`${head}.${claims}.${"A".repeat(342)}`, "nonsense", "a.b.c", ""])
        expect(await everyRoute(new Customer(target.outputs.apiUrl, token))).toEqual([401, 401, 401]);
    });

    it("gets a 401 with an unsigned token", async () => {
      const [, claims] = (await target.token("customer-1")).split(".");
      const head = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
      expect(await everyRoute(new Customer(target.outputs.apiUrl, `${head}.${claims}.`))).toEqual([
        401, 401, 401,
      ]);
    });

    (ON_LOCAL_RUN ? it : it.skip)("gets a 401 or 403 with a token that lacks the scope", async () => {
      const reader = await Customer.of(target, "customer-1", "orders/read");
      const writer = await Customer.of(target, "customer-1", "orders/write");

      expect([401, 403]).toContain((await reader.post(order())).status);
      expect([401, 403]).toContain((await writer.get("/orders")).status);
      expect((await reader.get("/orders")).status).toBe(200);
    });

    (ON_LOCAL_RUN ? it : it.skip)("gets a 401 with a token that has expired", async () => {
      const expiring = await Customer.of(target, "customer-1");
      expect((await expiring.get("/orders")).status).toBe(200);

      target.local?.clock.advance(2 * 3_600_000);

      expect(await everyRoute(expiring)).toEqual([401, 401, 401]);
      customer = await Customer.of(target, "customer-1");
    });

    it("gets a 404 for a route that there is not, whoever asks", async () => {
      expect((await customer.get("/nothing")).status).toBe(404);
      expect((await customer.get("/orders/a/b")).status).toBe(404);
    });

    it("may come from a browser, whose preflight needs no token", async () => {
      for (const path of ["/orders", `/orders/${randomUUID()}`]) {
        const answer = await fetch(target.outputs.apiUrl + path, {
          method: "OPTIONS",
          headers: { Origin: "https://shop.example.com", "Access-Control-Request-Method": "POST" },
        });
        expect(answer.status).toBe(200);
        expect(answer.headers.get("access-control-allow-origin")).toBe("*");
        expect(answer.headers.get("access-control-allow-headers")).toContain("Authorization");
      }
    });
  });

  (ON_LOCAL_RUN ? it : it.skip)("stores nothing of all that", async () => {
    const queues = new Queues(target);
    const dynamodb = new DynamoDBClient(target.aws);
    const everyQueue = [
      target.outputs.ordersQueueUrl,
      ...Object.values(target.outputs.downstreamQueueUrls),
      ...Object.values(target.outputs.deadLetterQueueUrls),
    ];

    for (const url of everyQueue) expect(await queues.depth(url)).toEqual({ visible: 0, inFlight: 0 });
    const { Count } = await dynamodb.send(
      new ScanCommand({ TableName: target.outputs.ordersTableName, Select: "COUNT" }),
    );
    expect(Count).toBe(0);
    queues.close();
    dynamodb.destroy();
  });
}

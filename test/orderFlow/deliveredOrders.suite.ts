import { randomUUID } from "node:crypto";
import { orderAnswer } from "../../contracts/api";
import { orderEvent } from "../../contracts/orderEvent";
import { anOrder, anOrderOfItems } from "../support/orders";
import { waitFor } from "../support/waitFor";
import { Customer, Queues, type Target } from "./target";

/** @param run the stack to ask, once it is there */
export function describeDeliveredOrders(run: () => Target): void {
  let target: Target;
  let queues: Queues;

  beforeAll(async () => {
    target = run();
    queues = new Queues(target);
  });

  afterAll(async () => {
    queues.close();
  });

  const delivered = (customer: Customer, orderId: string) =>
    waitFor(async () => {
      const { status, body } = await customer.get(`/orders/${orderId}`);
      const answer = status === 200 && orderAnswer.parse(body);
      return answer && answer.status === "PLACED" && answer.delivery.status === "DELIVERED" && answer;
    });

  /** The events of one order in each downstream queue; those of other tests are left out. */
  async function eventsOf(orderId: string) {
    const perQueue = await Promise.all(
      Object.values(target.outputs.downstreamQueueUrls).map((url) => queues.drain(url)),
    );
    return perQueue.map((messages) =>
      messages
        .map((message) => ({ message, event: orderEvent.parse(JSON.parse(message.Body ?? "")) }))
        .filter(({ event }) => event.subject === orderId),
    );
  }

  describe("an order that a customer posts", () => {
    it("is accepted, stored, delivered to every downstream queue, and shows its delivery", async () => {
      const customer = await Customer.of(target, "customer-1");
      const order = anOrder({ orderId: randomUUID() });

      const accepted = await customer.post(order);

      expect(accepted.status).toBe(202);
      expect(accepted.body).toEqual({ status: "ACCEPTED", requestId: expect.any(String) as unknown });
      const shown = await delivered(customer, order.orderId);
      expect(shown).toMatchObject({ orderId: order.orderId, status: "PLACED", order });
      expect(shown.delivery).toMatchObject({ attempts: 1, messageId: expect.any(String) as unknown });
      expect(Date.parse(shown.delivery.deliveredAt ?? "")).toBeGreaterThanOrEqual(Date.parse(shown.placedAt));
      const events = await eventsOf(order.orderId);
      expect(events.map((found) => found.length)).toEqual([1, 1, 1]);
      for (const [{ message, event } = {}] of events) {
        expect(event).toMatchObject({ type: "order.placed.v1", time: shown.placedAt });
        expect(event?.data).toMatchObject({ ...order, placedAt: shown.placedAt });
        expect(message?.MessageAttributes).toMatchObject({
          eventType: { StringValue: "order.placed.v1" },
          channel: { StringValue: "retail" },
          country: { StringValue: "GB" },
        });
      }
    });

    it("is one order when it is posted 50 times at once", async () => {
      const customer = await Customer.of(target, "customer-1");
      const order = anOrder({ orderId: randomUUID() });

      const answers = await Promise.all(Array.from({ length: 50 }, () => customer.post(order)));

      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
      await delivered(customer, order.orderId);
      await waitFor(async () => {
        const { visible, inFlight } = await queues.depth(target.outputs.ordersQueueUrl);
        return visible + inFlight === 0;
      });
      expect((await eventsOf(order.orderId)).map((found) => found.length)).toEqual([1, 1, 1]);
      expect(await queues.depth(target.outputs.deadLetterQueueUrls["orders"] ?? "")).toEqual({
        visible: 0,
        inFlight: 0,
      });
    });

    it("may have 1,000 lines, and arrives whole", async () => {
      const customer = await Customer.of(target, "customer-1");
      const order = {
        ...anOrderOfItems(1_000, { description: "WHITE HANGING HEART T-LIGHT HOLDER" }),
        orderId: randomUUID(),
      };

      expect((await customer.post(order)).status).toBe(202);

      expect((await delivered(customer, order.orderId)).order).toEqual(order);
      for (const [found] of await eventsOf(order.orderId))
        expect(found?.event.data.items).toEqual(order.items);
    });

    it.each([
      ["parameters of the queue's request", "x&Action=DeleteQueue&QueueUrl=%2F"],
      ["quotes", `"'\`"},"KeyConditionExpression":"1=1`],
      ["newlines, tabs and backslashes", "one\ntwo\r\n\tthree\\four\\n"],
      ["template syntax", "$context.authorizer.claims.sub #set($x = 1) ${x} {% $states.input %} #{end}"],
      ["other scripts and emoji", "Zoë Ünïcøde 顧客 🎁 \u2028 é"],
      ["a name that JavaScript knows", "__proto__"],
    ])("keeps %s as the text it is", async (_what, text) => {
      const customer = await Customer.of(target, "customer-1");
      const posted = anOrder({ orderId: randomUUID() });
      const sku = [...text].slice(0, 64).join("");
      const order = {
        ...posted,
        items: [{ quantity: 6, unitPrice: 255, sku, description: text }],
        shipTo: { name: text, line1: text, city: text, postalCode: text, country: "GB" },
        paymentReference: text,
      };

      expect((await customer.post(order)).status).toBe(202);

      expect((await delivered(customer, order.orderId)).order).toEqual(order);
      for (const [found] of await eventsOf(order.orderId)) expect(found?.event.data).toMatchObject(order);
    });
  });

  describe("an order whose total does not add up", () => {
    it("is rejected with the reason, and goes nowhere", async () => {
      const customer = await Customer.of(target, "customer-1");
      const order = anOrder({ orderId: randomUUID(), total: 1_531 });

      expect((await customer.post(order)).status).toBe(202);

      const shown = await waitFor(async () => {
        const { status, body } = await customer.get(`/orders/${order.orderId}`);
        return status === 200 && body;
      });
      expect(shown).toEqual({
        orderId: order.orderId,
        status: "REJECTED",
        placedAt: expect.any(String) as unknown,
        reasons: ["total: is 1531, but quantity x unitPrice of the items add up to 1530"],
        order,
      });
      // Another order placed after it has arrived downstream; this one had every chance to.
      const after = anOrder({ orderId: randomUUID() });
      await customer.post(after);
      await delivered(customer, after.orderId);
      expect((await eventsOf(order.orderId)).flat()).toEqual([]);
    });

    it("is rejected too when a text holds a character that queues do not carry", async () => {
      const customer = await Customer.of(target, "customer-1");
      const order = anOrder({ orderId: randomUUID(), paymentReference: "bell \u0007" });

      expect((await customer.post(order)).status).toBe(202);

      const { body } = await waitFor(async () => {
        const answer = await customer.get(`/orders/${order.orderId}`);
        return answer.status === 200 && answer;
      });
      expect(body).toMatchObject({
        status: "REJECTED",
        reasons: ["paymentReference: holds the character U+0007, which the queues do not carry"],
      });
    });
  });
}

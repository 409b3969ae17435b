import { randomUUID } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { orderPage } from "../../contracts/api";
import { anOrder } from "../support/orders";
import { waitFor } from "../support/waitFor";
import { Customer, ON_LOCAL_RUN, type Target } from "./target";

/** @param run the stack to ask, once it is there */
export function describeReadingOrders(run: () => Target): void {
  let target: Target;

  beforeAll(async () => {
    target = run();
  });

  async function place(customer: Customer, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => uuidv7());
    for (const orderId of ids) expect((await customer.post(anOrder({ orderId }))).status).toBe(202);
    for (const orderId of ids)
      await waitFor(async () => (await customer.get(`/orders/${orderId}`)).status === 200);
    return ids;
  }

  /** Two customers need two tokens, which a deployed stack's suite does not have. */
  const describeLocal = ON_LOCAL_RUN ? describe : describe.skip;

  describeLocal("somebody else's order", () => {
    it("is a 404, as one that does not exist", async () => {
      const [mine, theirs] = [await Customer.of(target, "reader-1"), await Customer.of(target, "reader-2")];
      const [orderId] = await place(theirs, 1);

      const stranger = await mine.get(`/orders/${orderId}`);
      const unknown = await mine.get(`/orders/${randomUUID()}`);

      expect(stranger).toMatchObject({
        status: 404,
        body: { message: "There is no such order, or it is not stored yet." },
      });
      expect(stranger.text).toBe(unknown.text);
      expect(orderPage.parse((await mine.get("/orders")).body).orders).toEqual([]);
    });

    it("may have the same id: each customer has one's own", async () => {
      const orderId = uuidv7();
      const customers = [await Customer.of(target, "reader-3"), await Customer.of(target, "reader-4")];

      for (const [index, customer] of customers.entries())
        expect((await customer.post(anOrder({ orderId, paymentReference: `payment ${index}` }))).status).toBe(
          202,
        );

      for (const [index, customer] of customers.entries())
        await waitFor(async () => {
          const { body } = await customer.get(`/orders/${orderId}`);
          return (
            (body as { order?: { paymentReference: string } }).order?.paymentReference === `payment ${index}`
          );
        });
    });
  });

  describeLocal("the list of a customer's orders", () => {
    it("shows all of them once, by descending id, in pages of 50", async () => {
      const customer = await Customer.of(target, "lister-1");
      const ids = await place(customer, 120);
      const seen: string[] = [];
      const sizes: number[] = [];

      for (let path = "/orders"; path !== "";) {
        const page = orderPage.parse((await customer.get(path)).body);
        seen.push(...page.orders.map(({ orderId }) => orderId));
        sizes.push(page.orders.length);
        path = page.nextToken === undefined ? "" : `/orders?nextToken=${encodeURIComponent(page.nextToken)}`;
      }

      expect(seen).toEqual([...ids].sort().reverse());
      expect(sizes).toEqual([50, 50, 20]);
    });

    it.each([
      `"},"KeyConditionExpression":"customerId = :x`,
      `"}},"FilterExpression":"1 = 1`,
      `' OR '1'='1`,
      `\\"}}`,
      `{"S":"lister-2"}`,
      `$context.authorizer.claims.sub`,
      `#if(true)x#end`,
      `lister-2`,
      `\u0000`,
      `x`.repeat(1_024),
      "\u{1F600}é",
    ])("shows nothing but the caller's own, whatever stands in the URL: %j", async (hostile) => {
      const [me, other] = [await Customer.of(target, "lister-3"), await Customer.of(target, "lister-2")];
      const listed = orderPage.parse((await other.get("/orders")).body).orders.length;
      if (listed === 0) await place(other, 1);

      for (const path of [
        `/orders?nextToken=${encodeURIComponent(hostile)}`,
        `/orders?nextToken=${encodeURIComponent(hostile)}&nextToken=x`,
        `/orders/${encodeURIComponent(hostile)}`,
        `/orders?customerId=lister-2&sub=lister-2`,
      ]) {
        const { status, body } = await me.get(path);
        if (status === 200) expect(body).toEqual({ orders: [] });
        else expect([400, 404]).toContain(status);
      }
    });

    it("answers 400 to a token that cannot be an order's id", async () => {
      const customer = await Customer.of(target, "lister-1");

      expect(await customer.get(`/orders?nextToken=${"x".repeat(1_025)}`)).toMatchObject({
        status: 400,
        body: { detail: "orderId and nextToken are ids of orders." },
      });
    });
  });
}

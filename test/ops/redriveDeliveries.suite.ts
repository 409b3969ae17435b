import { claimForOperator, claimForReconciliation } from "../../contracts/reconciliation";
import { DynamoDb } from "../../local/dynamodb/dynamoDb";
import { Sns } from "../../local/sns/sns";
import { waitFor } from "../support/waitFor";
import { breakService, DOWN } from "./support/faults";
import { deadLetters, failedDelivery, failedRuns, givenUp } from "./support/failures";
import type { Operator } from "./support/operator";

const PLAN = "FROM  ORDER  WHAT  REASON";
const NOTHING = [expect.stringMatching(/^0 messages in \d+ failure queues\.$/)];

/** How operators start deliveries, of which only one at a time may be under way. */
export function describeDeliveries(operator: () => Operator): void {
  it("delivers an order again whose delivery failed, once", async () => {
    const orderId = await failedDelivery(operator());
    expect(await operator().lines(`redrive --order ${orderId}`)).toEqual([
      PLAN,
      expect.stringMatching(/^deliveries {2}UUID {2}start delivery 2 {2}SNS\.AmazonSNSException/),
      "Dry run: nothing was done. --yes does 1 step.",
    ]);
    expect((await operator().lines(`redrive --order ${orderId} --yes`)).at(-1)).toBe("1 of 1 step done.");
    await operator().until(orderId, "DELIVERED", 2);
    expect(await operator().lines(`redrive --order ${orderId} --yes`)).toEqual([
      "There is nothing to redrive: the order is DELIVERED.",
    ]);
    expect(await operator().lines(`history ${orderId}`)).toContainEqual(
      expect.stringContaining("execution UUID-2 succeeded"),
    );
  });

  it("does not start an attempt that is under way", async () => {
    const orderId = await failedDelivery(operator());
    const topic = breakService(Sns, "Publish", orderId);
    await operator().startExecution(orderId, 2);
    await waitFor(async () =>
      (await operator().ops(`history ${orderId}`)).stdout.includes("UUID-2 is running"),
    );

    expect((await operator().lines(`redrive --order ${orderId} --yes`)).slice(2)).toEqual([
      "order UUID: not started, attempt 2 began less than 5 minutes ago; --force starts another",
      "1 of 1 step done.",
    ]);
    topic.mend();
    await operator().passTime(() => operator().stands(orderId, "DELIVERED", 2));
  });

  it("does not start what somebody else claims in the same moment", async () => {
    const orderId = await failedDelivery(operator());
    const before = await operator().placed(orderId);
    const call = DynamoDb.prototype.call;
    let claims = 0;
    jest.spyOn(DynamoDb.prototype, "call").mockImplementation(async function (
      this: DynamoDb,
      action,
      ...rest
    ) {
      if (action === "UpdateItem" && claims++ === 0)
        await operator().update(claimForOperator(before, new Date().toISOString()));
      return call.call(this, action, ...rest);
    });
    expect((await operator().lines(`redrive --order ${orderId} --yes`)).slice(2)).toEqual([
      "order UUID: not started, somebody else has just started or delivered it",
      "1 of 1 step done.",
    ]);
    jest.restoreAllMocks();
    expect((await operator().placed(orderId)).delivery).toMatchObject({ status: "PENDING", attempts: 1 });
    await operator().startExecution(orderId, 2);
    await operator().until(orderId, "DELIVERED", 2);
  });

  it("starts a delivery whose claim was made, though the answer to it got lost", async () => {
    const orderId = await failedDelivery(operator());
    const call = DynamoDb.prototype.call;
    let lost = 0;
    jest.spyOn(DynamoDb.prototype, "call").mockImplementation(async function (
      this: DynamoDb,
      action,
      ...rest
    ) {
      const answer = await call.call(this, action, ...rest);
      if (action === "UpdateItem" && lost++ === 0) throw DOWN;
      return answer;
    });
    expect((await operator().lines(`redrive --order ${orderId} --yes`)).slice(2)).toEqual([
      "1 of 1 step done.",
    ]);
    await operator().until(orderId, "DELIVERED", 2);
  });

  it("does not start what another operator has started minutes ago, unless it is forced", async () => {
    const orderId = await failedDelivery(operator());
    const retryAt = new Date(Date.now() + 60_000).toISOString();
    await operator().update(claimForOperator(await operator().placed(orderId), retryAt));

    expect((await operator().lines(`redrive --order ${orderId} --yes`)).slice(2)).toEqual([
      "order UUID: not started, somebody started it less than 8 minutes ago; the reconciler does so again after TIME unless it is delivered, --force does at once",
      "1 of 1 step done.",
    ]);
    await operator().lines(`redrive --order ${orderId} --yes --force`);
    await operator().until(orderId, "DELIVERED", 2);
  });

  it("starts an order that the reconciler has started, once that attempt has failed", async () => {
    const orderId = await failedDelivery(operator());
    const retryAt = new Date(Date.now() + 3_600_000).toISOString();
    await operator().update(claimForReconciliation(await operator().placed(orderId), retryAt));
    await operator().lines(`redrive --order ${orderId} --yes`);
    await operator().until(orderId, "DELIVERED", 2);
  });

  it("starts an order that was given up though the log has an attempt of minutes ago: its message goes", async () => {
    const orderId = await givenUp(operator());
    const { customerId } = await operator().placed(orderId);
    await operator().update({
      Key: { customerId: { S: customerId }, orderId: { S: orderId } },
      UpdateExpression: "SET delivery.attempts = :none",
      ConditionExpression: "attribute_exists(orderId)",
      // As if its executions had never ended: the next one has the name of the last.
      ExpressionAttributeValues: { ":none": { N: "0" } },
    });
    expect((await operator().lines("redrive deliveryFailures --yes")).slice(2)).toEqual([
      "1 of 1 step done.",
    ]);
    await operator().until(orderId, "DELIVERED", 1);
  });

  it("starts the orders again that were given up, and takes their messages off", async () => {
    const orderId = await givenUp(operator());
    expect(await operator().lines("redrive deliveryFailures")).toEqual([
      PLAN,
      expect.stringMatching(/^deliveryFailures {2}UUID {2}start deliveries {2}given up after 1 attempt: SNS/),
      "Dry run: nothing was done. --yes does 1 step.",
    ]);
    expect((await operator().lines("redrive deliveryFailures --yes")).at(-1)).toBe("1 of 1 step done.");
    await operator().until(orderId, "DELIVERED", 2);
    expect(await operator().lines("failures")).toEqual(NOTHING);
  });

  it("starts an order that was given up even when its message is gone", async () => {
    const orderId = await givenUp(operator());
    await operator().queues.drain(deadLetters(operator(), "deliveryFailures"));
    expect((await operator().lines(`redrive --order ${orderId} --yes`)).at(-1)).toBe("1 of 1 step done.");
    await operator().until(orderId, "DELIVERED", 2);
  });

  it("drops the message of an order that was delivered or started again since it was given up", async () => {
    const delivered = await givenUp(operator());
    await operator().startExecution(delivered, 2);
    await operator().until(delivered, "DELIVERED", 2);
    const startedAgain = await givenUp(operator());
    await operator().update(
      claimForOperator(await operator().placed(startedAgain), new Date().toISOString()),
    );

    const { stdout } = await operator().ops("redrive deliveryFailures --json");
    const { plan } = JSON.parse(stdout) as { plan: { steps: { action: string; message: object }[] } };
    expect(plan.steps.map(({ action }) => action)).toEqual(["drop", "drop"]);
    expect((await operator().lines("redrive deliveryFailures --yes")).at(-1)).toBe("2 of 2 steps done.");
    expect(await operator().lines("failures")).toEqual(NOTHING);
    expect(await operator().stands(startedAgain, "PENDING", 1)).toBe(true);
    await operator().startExecution(startedAgain, 2);
    await operator().until(startedAgain, "DELIVERED", 2);
  });

  it("takes what is said of failed runs off the queue, because the next run does their work", async () => {
    await failedRuns(operator());
    expect((await operator().lines("redrive reconciliations --yes")).slice(1)).toEqual([
      expect.stringMatching(/^reconciliations {2}\(unknown\) {2}drop the message {2}a run failed: /),
      "1 of 1 step done.",
    ]);
    expect((await operator().lines("redrive reconciliationSchedule --yes")).at(-1)).toBe("1 of 1 step done.");
    expect(await operator().lines("failures")).toEqual(NOTHING);
  });
}

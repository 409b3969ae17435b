import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { fromItem, type OrderRecord } from "../../../contracts/orderRecord";
import { AwsStub } from "./awsStub";
import { CONTEXT } from "./events";
import { observe, PERSONAL_DATA, type Observed } from "./observed";
import { OrdersTable } from "./ordersTable";

/** The order function on a stub of DynamoDB, for the tests of one file. */
export class OrderFunction {
  readonly aws = new AwsStub();
  private table = new OrdersTable();
  private handler: ((event: SQSEvent, context: Context) => Promise<SQSBatchResponse>) | undefined;

  /** Registers what the file's tests need before and after them. */
  constructor() {
    beforeAll(() => this.load());
    afterAll(() => this.aws.stop());
    beforeEach(() => {
      this.table = new OrdersTable();
      this.aws.requests = [];
      this.aws.answer = this.table.answer;
      // The SDK waits a random share of its back-off between attempts: none of it.
      jest.spyOn(Math, "random").mockReturnValue(0);
    });
    afterEach(() => jest.restoreAllMocks());
  }

  /** Invokes the function with a batch; whatever it writes must be free of personal data. */
  async process(...messages: SQSRecord[]): Promise<Observed<SQSBatchResponse>> {
    const { handler } = this;
    if (handler === undefined) throw new Error("The function is loaded before the first test.");
    const observed = await observe(() => handler({ Records: messages }, CONTEXT));
    expect(observed.text).not.toMatch(PERSONAL_DATA);
    return observed;
  }

  /** The answer of a table that takes what it has no order for. */
  get tableAnswer(): OrdersTable["answer"] {
    return this.table.answer;
  }

  /** Every order in the table. */
  get stored(): OrderRecord[] {
    return [...this.table.items.values()].map(fromItem);
  }

  private async load(): Promise<void> {
    await this.aws.start();
    Object.assign(process.env, {
      POWERTOOLS_SERVICE_NAME: "process-orders",
      POWERTOOLS_METRICS_NAMESPACE: "OrderService",
      ORDERS_TABLE_NAME: "orders-1",
    });
    this.handler = (await import("../../../handlers/processOrders")).handler;
  }
}

/** What the function answers when these messages failed. */
export function failed(...messageIds: string[]): SQSBatchResponse {
  return { batchItemFailures: messageIds.map((itemIdentifier) => ({ itemIdentifier })) };
}

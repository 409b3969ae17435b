import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { workflowInputOf } from "../../contracts/workflowInput";
import { contentHash } from "../../contracts/contentHash";
import { CLIENT_SETTINGS } from "../../handlers/awsClients";
import { anOrder, aPlacedOrder, CUSTOMER_ID, ORDER_ID, PLACED_AT } from "../support/orders";
import { waitFor } from "../support/waitFor";
import { AwsStub, ok, refusal, type AwsRequest } from "./support/awsStub";
import { anInsert, CONTEXT } from "./support/events";
import { observe, PERSONAL_DATA, type Observed } from "./support/observed";

const STATE_MACHINE_ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:deliver-orders-1";
const EXECUTION_ARN = "arn:aws:states:eu-west-1:123456789012:express:deliver-orders-1:x:1";

const aws = new AwsStub();
let handler: (event: DynamoDBStreamEvent, context: Context) => Promise<DynamoDBBatchResponse>;

beforeAll(async () => {
  await aws.start();
  Object.assign(process.env, {
    POWERTOOLS_SERVICE_NAME: "start-deliveries",
    POWERTOOLS_METRICS_NAMESPACE: "OrderService",
    STATE_MACHINE_ARN,
  });
  ({ handler } = await import("../../handlers/startDeliveries"));
});
afterAll(() => aws.stop());

const started = () => ok({ executionArn: EXECUTION_ARN, startDate: 1_795_000_000 });

beforeEach(() => {
  aws.requests = [];
  aws.answer = started;
  // The SDK waits a random share of its back-off between attempts: none of it.
  jest.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => jest.restoreAllMocks());

/** Invokes the function with a batch; whatever it writes must be free of personal data. */
async function startBatch(...changes: DynamoDBRecord[]): Promise<Observed<DynamoDBBatchResponse>> {
  const observed = await observe(() => handler({ Records: changes }, CONTEXT));
  expect(observed.text).not.toMatch(PERSONAL_DATA);
  return observed;
}

function failed(...sequenceNumbers: string[]): DynamoDBBatchResponse {
  return { batchItemFailures: sequenceNumbers.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** The stream's record of the nth of some orders. */
function insertOfOrder(number: number): DynamoDBRecord {
  const orderId = orderIdOf(number);
  const order = JSON.stringify(anOrder({ orderId }));
  return anInsert(String(100 + number), aPlacedOrder({ orderId, order }));
}

function orderIdOf(number: number): string {
  return `0193a2f0-6c1e-7d52-9a4f-${String(number).padStart(12, "0")}`;
}

describe("a placed order", () => {
  test("starts one execution, named by the order, with the finished event and the order's trace", async () => {
    const { result } = await startBatch(anInsert("100"));
    expect(result).toEqual(failed());
    expect(aws.requests).toEqual([
      {
        action: "StartExecution",
        input: {
          stateMachineArn: STATE_MACHINE_ARN,
          name: `${ORDER_ID}-1`,
          input: workflowInputOf(aPlacedOrder()),
          traceHeader: "Root=1-691ee3a8-0123456789abcdef01234567",
        },
      },
    ]);
  });

  test("that has no trace starts without one", async () => {
    const untraced = aPlacedOrder();
    delete untraced.traceHeader;
    await startBatch(anInsert("100", untraced));
    expect(aws.requests).toHaveLength(1);
    expect(aws.requests[0]?.input).not.toHaveProperty("traceHeader");
  });

  test("is logged with its id, the API's request id and the execution's ARN", async () => {
    const { logs, metrics } = await startBatch(anInsert("100"));
    expect(logs).toMatchObject([
      {
        level: "INFO",
        message: "DeliveriesStarted",
        service: "start-deliveries",
        eventId: "event-100",
        orderId: ORDER_ID,
        requestId: "DsX9vGo8DoEFbRw=",
        executionArn: EXECUTION_ARN,
      },
    ]);
    expect(metrics).toMatchObject([{ service: "start-deliveries", DeliveriesStarted: 1 }]);
  });
});

describe("a batch", () => {
  test("starts its executions side by side", async () => {
    // None is answered before all have arrived: one after the other would never get that far.
    aws.answer = async () => {
      await waitFor(() => aws.requests.length === 10);
      return started();
    };
    const { result, metrics } = await startBatch(
      ...Array.from({ length: 10 }, (_, index) => insertOfOrder(index)),
    );
    expect(result).toEqual(failed());
    expect(metrics).toMatchObject([{ DeliveriesStarted: new Array<number>(10).fill(1) }]);
  });

  test("reports the sequence number of each record that fails, and of no other", async () => {
    const refused = [orderIdOf(3), orderIdOf(7)];
    aws.answer = ({ input }: AwsRequest) =>
      refused.some((orderId) => String(input["name"]).startsWith(orderId))
        ? refusal("StateMachineDoesNotExist", "no such machine")
        : started();
    const { result } = await startBatch(...Array.from({ length: 10 }, (_, index) => insertOfOrder(index)));
    expect(result).toEqual(failed("103", "107"));
    expect(aws.requests).toHaveLength(10);
  });

  test("of which every record fails is reported, not thrown", async () => {
    aws.answer = () => refusal("AccessDeniedException", "not authorized to perform: states:StartExecution");
    const { result, metrics } = await startBatch(insertOfOrder(1), insertOfOrder(2));
    expect(result).toEqual(failed("101", "102"));
    expect(metrics).toEqual([]);
  });

  test("asks again while Step Functions throttles", async () => {
    let refusals = CLIENT_SETTINGS.maxAttempts - 1;
    aws.answer = () => (refusals-- > 0 ? refusal("ThrottlingException", "Rate exceeded") : started());
    expect((await startBatch(anInsert("100"))).result).toEqual(failed());
    expect(aws.requests).toHaveLength(CLIENT_SETTINGS.maxAttempts);
  });

  test("reports a record whose start is throttled for good", async () => {
    aws.answer = () => refusal("ThrottlingException", "Rate exceeded");
    const { result, logs } = await startBatch(anInsert("100"));
    expect(result).toEqual(failed("100"));
    expect(logs).toContainEqual(
      expect.objectContaining({
        level: "ERROR",
        message: "Delivery not started",
        eventId: "event-100",
        orderId: ORDER_ID,
        requestId: "DsX9vGo8DoEFbRw=",
        error: "ThrottlingException",
      }),
    );
  });
});

describe("a record that no execution can be started for fails alone:", () => {
  const rejected = {
    customerId: CUSTOMER_ID,
    orderId: ORDER_ID,
    placedAt: PLACED_AT,
    order: JSON.stringify(anOrder()),
    contentHash: contentHash(anOrder()),
    status: "REJECTED" as const,
    reasons: ["total: is 1"],
  };

  test.each<[name: string, change: DynamoDBRecord, error: string]>([
    ["a rejected order that the filter let through", anInsert("99", rejected), "Error"],
    ["an item without a status", anInsert("99", aPlacedOrder(), { status: { NULL: true } }), "ZodError"],
    [
      "an order that is no JSON",
      anInsert("99", aPlacedOrder({ order: "Ada Buyer, LS1 1AA" })),
      "SyntaxError",
    ],
    ["an order that is no order", anInsert("99", aPlacedOrder({ order: '"1 High Street"' })), "ZodError"],
  ])("%s", async (_name, poison, error) => {
    const { result, logs } = await startBatch(poison, insertOfOrder(1));
    expect(result).toEqual(failed("99"));
    expect(aws.requests).toHaveLength(1);
    expect(logs).toContainEqual(
      expect.objectContaining({ level: "ERROR", eventId: "event-99", orderId: ORDER_ID, error }),
    );
  });
});

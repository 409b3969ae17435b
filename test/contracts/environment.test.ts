import {
  processOrdersEnvironment,
  readEnvironment,
  startDeliveriesEnvironment,
} from "../../contracts/environment";

const before = { ...process.env };
const COMPLETE = {
  POWERTOOLS_SERVICE_NAME: "process-orders",
  POWERTOOLS_METRICS_NAMESPACE: "OrderService",
  ORDERS_TABLE_NAME: "orders-1",
};

beforeEach(() => {
  process.env = { ...before, ...COMPLETE };
});
afterAll(() => {
  process.env = before;
});

test("a function's environment is read with its own variables and nothing else", () => {
  expect(readEnvironment(processOrdersEnvironment)).toEqual(COMPLETE);
});

test("every variable that is missing is named", () => {
  delete process.env["POWERTOOLS_SERVICE_NAME"];
  expect(() => readEnvironment(startDeliveriesEnvironment)).toThrow(
    "The function's environment lacks POWERTOOLS_SERVICE_NAME, STATE_MACHINE_ARN: its component must set it.",
  );
});

test("a variable that is empty is as good as missing", () => {
  process.env["ORDERS_TABLE_NAME"] = "";
  expect(() => readEnvironment(processOrdersEnvironment)).toThrow("lacks ORDERS_TABLE_NAME:");
});

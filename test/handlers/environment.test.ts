const before = { ...process.env };
afterAll(() => {
  process.env = before;
});

test.each([
  ["processOrders", "ORDERS_TABLE_NAME"],
  ["startDeliveries", "STATE_MACHINE_ARN"],
  [
    "reconcileDeliveries",
    "ORDERS_TABLE_NAME, STATE_MACHINE_ARN, DELIVERY_FAILURES_QUEUE_URL, UNDELIVERED_AFTER_SECONDS, RECONCILIATIONS_MAX, ORDERS_PER_RUN_MAX",
  ],
])("%s does not load without its environment, and says what is missing", async (handler, variables) => {
  process.env = { ...before, POWERTOOLS_SERVICE_NAME: "x", POWERTOOLS_METRICS_NAMESPACE: "x" };
  await expect(import(`../../handlers/${handler}`)).rejects.toThrow(
    `The function's environment lacks ${variables}: its component must set it.`,
  );
});

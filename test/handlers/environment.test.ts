const before = { ...process.env };
afterAll(() => {
  process.env = before;
});

test.each(["processOrders", "startDeliveries"])(
  "%s does not load without its environment, and says what is missing",
  async (handler) => {
    process.env = { ...before, POWERTOOLS_SERVICE_NAME: "x", POWERTOOLS_METRICS_NAMESPACE: "x" };
    const variable = handler === "processOrders" ? "ORDERS_TABLE_NAME" : "STATE_MACHINE_ARN";
    await expect(import(`../../handlers/${handler}`)).rejects.toThrow(
      `The function's environment lacks ${variable}: its component must set it.`,
    );
  },
);

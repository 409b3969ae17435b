import * as templates from "../../components/api/templates";
import { anOrder, CUSTOMER_ID, ORDER_ID, PLACED_AT } from "../support/orders";
import { HOSTILE, render, renderJson } from "./support/renderedTemplate";

describe("the request to the queue", () => {
  test("carries the body as it came, and who, which request and when as attributes", () => {
    const body = JSON.stringify(anOrder());
    const { text, extendedRequestId } = render(templates.sendMessageRequest(), { body });
    expect(Object.fromEntries(new URLSearchParams(text))).toEqual({
      Action: "SendMessage",
      MessageBody: body,
      "MessageAttribute.1.Name": "customerId",
      "MessageAttribute.1.Value.DataType": "String",
      "MessageAttribute.1.Value.StringValue": CUSTOMER_ID,
      "MessageAttribute.2.Name": "requestId",
      "MessageAttribute.2.Value.DataType": "String",
      "MessageAttribute.2.Value.StringValue": extendedRequestId,
      "MessageAttribute.3.Name": "acceptedAt",
      "MessageAttribute.3.Value.DataType": "String",
      "MessageAttribute.3.Value.StringValue": String(Date.parse(PLACED_AT)),
    });
  });

  test.each(HOSTILE)("gets no parameter from a body that holds %j", (body) => {
    const parameters = [...new URLSearchParams(render(templates.sendMessageRequest(), { body }).text)];
    expect(parameters).toHaveLength(2 + 3 * 3);
    expect(parameters.slice(0, 2)).toEqual([
      ["Action", "SendMessage"],
      ["MessageBody", body],
    ]);
  });

  test("hands the trace on where there is one", () => {
    const xrayTraceId = "1-691ee3a8-0123456789abcdef01234567";
    const { text } = render(templates.sendMessageRequest(), { xrayTraceId });
    expect(Object.fromEntries(new URLSearchParams(text))).toMatchObject({
      "MessageSystemAttribute.1.Name": "AWSTraceHeader",
      "MessageSystemAttribute.1.Value.DataType": "String",
      "MessageSystemAttribute.1.Value.StringValue": `Root=${xrayTraceId}`,
    });
  });
});

describe("the requests to the table", () => {
  test.each([ORDER_ID, ...HOSTILE])(
    "for one order ask for the caller's own and no other, whatever its id: %j",
    (orderId) => {
      expect(renderJson(templates.getOrderRequest("orders-1"), { path: { orderId } })).toEqual({
        TableName: "orders-1",
        Key: { customerId: { S: CUSTOMER_ID }, orderId: { S: orderId } },
      });
    },
  );

  const list = {
    TableName: "orders-1",
    KeyConditionExpression: "customerId = :customer",
    ExpressionAttributeValues: { ":customer": { S: CUSTOMER_ID } },
    ScanIndexForward: false,
    Limit: 50,
  };

  test("for the list ask for the caller's own, the newest first", () => {
    expect(renderJson(templates.listOrdersRequest("orders-1"))).toEqual(list);
  });

  test.each([ORDER_ID, ...HOSTILE])(
    "for the next page start after the caller's own order %j",
    (nextToken) => {
      expect(renderJson(templates.listOrdersRequest("orders-1"), { querystring: { nextToken } })).toEqual({
        ...list,
        ExclusiveStartKey: { customerId: { S: CUSTOMER_ID }, orderId: { S: nextToken } },
      });
    },
  );
});

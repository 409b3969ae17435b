import * as z from "zod";
import { acceptedAnswer, errorAnswer, orderAnswer, orderPage } from "./api";
import { order } from "./order";

/** A JSON schema as OpenAPI 3.1 takes it: JSON schema 2020-12. */
function schema(of: z.ZodType): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(of, { io: "input" });
  return rest;
}

const json = (of: z.ZodType) => ({ "application/json": { schema: schema(of) } });
const error = (description: string) => ({ description, content: json(errorAnswer) });

const NOT_ALLOWED = {
  "401": error("No token, one that is expired or forged, or one without the scope."),
  "403": error("The token may not do this."),
  "429": error("More requests than the stack takes: try again later."),
};

const NOT_CONFIRMED = {
  "500": error("Not confirmed: send it again, with the same orderId."),
  "502": error("Not confirmed: send it again, with the same orderId."),
  "503": error("Not confirmed: send it again, with the same orderId."),
  "504": error("Not confirmed: send it again, with the same orderId."),
};

const scopes = (scope: string) => [{ customer: [scope] }];

/** The HTTP contract as an OpenAPI 3.1 document, for those who write clients in other languages. */
export function openApi(): Record<string, unknown> {
  return {
    openapi: "3.1.0",
    info: {
      title: "Order service",
      version: "1",
      description:
        "All money is in whole minor units of the order's currency. Sending an order again is harmless.",
    },
    servers: [{ url: "http://127.0.0.1:4000/v1", description: "npm start; of a stack: its output apiUrl" }],
    components: {
      securitySchemes: {
        customer: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "A Cognito access token.",
        },
      },
    },
    paths: {
      "/orders": {
        post: {
          operationId: "placeOrder",
          summary: "Place an order.",
          security: scopes("orders/write"),
          requestBody: { required: true, content: json(order) },
          responses: {
            "202": { description: "On the queue.", content: json(acceptedAnswer) },
            "400": error("The body breaks the contract."),
            "413": error("Larger than the queue takes."),
            "415": error("Not application/json."),
            ...NOT_ALLOWED,
            ...NOT_CONFIRMED,
          },
        },
        get: {
          operationId: "listOrders",
          summary: "One's own orders, by descending id, fifty a page.",
          security: scopes("orders/read"),
          parameters: [
            {
              name: "nextToken",
              in: "query",
              description: "Of the page before.",
              schema: { type: "string" },
            },
          ],
          responses: {
            "200": { description: "A page.", content: json(orderPage) },
            "400": error("nextToken is not an order's id."),
            ...NOT_ALLOWED,
            ...NOT_CONFIRMED,
          },
        },
      },
      "/orders/{orderId}": {
        get: {
          operationId: "getOrder",
          summary: "One of one's own orders, and its delivery.",
          security: scopes("orders/read"),
          parameters: [{ name: "orderId", in: "path", required: true, schema: schema(order.shape.orderId) }],
          responses: {
            "200": { description: "The order.", content: json(orderAnswer) },
            "404": error("Not stored yet, never placed, or somebody else's."),
            ...NOT_ALLOWED,
            ...NOT_CONFIRMED,
          },
        },
      },
    },
  };
}

import { connect } from "node:net";
import { waitFor } from "../support/waitFor";
import {
  apiResource,
  graph,
  JSON_TYPE,
  method,
  post,
  SQS_INTEGRATION,
  withApi,
  type TestApi,
} from "./support/apigateway";

const SCHEMA = {
  $schema: "http://json-schema.org/draft-04/schema#",
  type: "object",
  additionalProperties: false,
  required: ["id", "items", "total"],
  properties: {
    id: { type: "string", pattern: "^[0-9a-f]{4}$" },
    total: { type: "integer", minimum: 0, maximum: 999999999999 },
    kind: { enum: ["small", "large"] },
    note: { type: "string", maxLength: 5 },
    items: {
      type: "array",
      minItems: 1,
      maxItems: 3,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["quantity"],
        properties: { quantity: { type: "integer", minimum: 1, maximum: 1000000 } },
      },
    },
    contact: { anyOf: [{ type: "string" }, { type: "integer", minimum: 5 }] },
  },
};

const VALID = { id: "00af", total: 1, items: [{ quantity: 1 }] };

const DETAIL = '{"message":$context.error.messageString,"detail":"$context.error.validationErrorString"}';

const validated = graph([
  apiResource("Model", "Thing", { name: "Thing", contentType: JSON_TYPE, schema: JSON.stringify(SCHEMA) }),
  apiResource("RequestValidator", "validator", {
    validateRequestBody: true,
    validateRequestParameters: true,
  }),
  apiResource("Response", "bad-body", {
    responseType: "BAD_REQUEST_BODY",
    responseTemplates: { [JSON_TYPE]: DETAIL },
  }),
  ...method({
    method: {
      requestValidatorId: "validator",
      requestModels: { [JSON_TYPE]: "Thing" },
      requestParameters: { "method.request.querystring.dry": false },
    },
  }),
]);

/** One API for the whole file: nothing of a refused request stays. */
let api: TestApi;
let close: () => void;
beforeAll(async () => {
  await new Promise<void>((ready) => {
    void withApi(validated, (served) => {
      api = served;
      ready();
      return new Promise<void>((resolve) => (close = resolve));
    });
  });
});
afterAll(() => close());
beforeEach(() => api.calls.splice(0));

async function refusal(body: string | Uint8Array, headers: Record<string, string> = {}): Promise<unknown> {
  const answer = await post(`${api.url}/things`, body, headers);
  expect(answer.status).toBe(400);
  expect(api.calls).toEqual([]);
  const document = (await answer.json()) as { readonly message: string; readonly detail: string };
  expect(document.message).toBe("Invalid request body");
  return document.detail;
}

describe("a body that the model refuses gets 400 with the validator's own words", () => {
  it.each([
    [
      "a missing field",
      { id: "00af", items: [{ quantity: 1 }] },
      '[object has missing required properties (["total"])]',
    ],
    ["several missing fields", {}, '[object has missing required properties (["id","items","total"])]'],
    [
      "an extra field",
      { ...VALID, extra: 1 },
      '[object instance has properties which are not allowed by the schema: ["extra"]]',
    ],
    [
      "a number below the minimum",
      { ...VALID, items: [{ quantity: 0 }] },
      "[numeric instance is lower than the required minimum (minimum: 1, found: 0)]",
    ],
    [
      "a negative number",
      { ...VALID, items: [{ quantity: -1 }] },
      "[numeric instance is lower than the required minimum (minimum: 1, found: -1)]",
    ],
    [
      "a number above the maximum",
      { ...VALID, items: [{ quantity: 1e21 }] },
      "[numeric instance is greater than the required maximum (maximum: 1000000, found: 1e+21)]",
    ],
    [
      "a fraction",
      { ...VALID, items: [{ quantity: 1.5 }] },
      '[instance type (number) does not match any allowed primitive type (allowed: ["integer"])]',
    ],
    [
      "a string for a number",
      { ...VALID, total: "1" },
      '[instance type (string) does not match any allowed primitive type (allowed: ["integer"])]',
    ],
    [
      "no items",
      { ...VALID, items: [] },
      "[array is too short: must have at least 1 elements but instance has 0 elements]",
    ],
    [
      "too many items",
      { ...VALID, items: Array(4).fill({ quantity: 1 }) },
      "[array is too long: must have at most 3 elements but instance has 4 elements]",
    ],
    [
      "a string that is too long",
      { ...VALID, note: "sixsix" },
      '[string "sixsix" is too long (length: 6, maximum allowed: 5)]',
    ],
    [
      "a string that does not match",
      { ...VALID, id: "00AF" },
      '[ECMA 262 regex "^[0-9a-f]{4}$" does not match input string "00AF"]',
    ],
    [
      "a value that is not listed",
      { ...VALID, kind: "huge" },
      '[instance value ("huge") not found in enum (possible values: ["small","large"])]',
    ],
    [
      "a list for an object",
      [],
      '[instance type (array) does not match any allowed primitive type (allowed: ["object"])]',
    ],
    [
      "no match among alternatives",
      { ...VALID, contact: 1 },
      "[instance failed to match at least one required schema among 2]",
    ],
  ])("%s", async (_what, body, detail) => {
    expect(await refusal(JSON.stringify(body))).toBe(detail);
  });

  it("names faults of several fields in the order of their names, items by number", async () => {
    const body = { ...VALID, total: -1, items: [{ quantity: 0 }, { quantity: "2" }] };
    expect(await refusal(JSON.stringify(body))).toBe(
      "[numeric instance is lower than the required minimum (minimum: 1, found: 0), " +
        'instance type (string) does not match any allowed primitive type (allowed: ["integer"]), ' +
        "numeric instance is lower than the required minimum (minimum: 0, found: -1)]",
    );
  });

  it("leaves out the members of an object that is refused itself", async () => {
    const body = { id: "00af", items: [{ quantity: 0 }] };
    expect(await refusal(JSON.stringify(body))).toBe('[object has missing required properties (["total"])]');
  });

  it("keeps quotes and newlines of the client inside the answer's JSON", async () => {
    expect(await refusal(JSON.stringify({ ...VALID, id: '","x":"\n' }))).toContain(
      'input string "","x":"\n"',
    );
  });

  it.each(["1.0", "1e0", "10E-1"])(
    "takes %s for a number that is no integer, as draft 4 does",
    async (literal) => {
      expect(await refusal(`{"id":"00af","items":[{"quantity":${literal}}],"total":1}`)).toContain(
        "instance type (number)",
      );
    },
  );
});

describe("a body that is no proper JSON gets 400", () => {
  it.each([
    ["text", "hello"],
    ["an empty body", ""],
    ["a cut-off object", '{"id":"00af"'],
    ["two values", "{}{}"],
    ["a name that stands twice", '{"id":"00af","id":"00af","total":1,"items":[{"quantity":1}]}'],
    [
      "a name that stands twice behind escapes",
      '{"id":"00af","\\u0069d":"\\\\\\"","total":1,"items":[{"quantity":1}]}',
    ],
    ["100,000 levels", "[".repeat(100_000) + "]".repeat(100_000)],
    ["more than a million values", `[${"0,".repeat(1_048_576)}0]`],
    ["a byte order mark", `\ufeff${JSON.stringify(VALID)}`],
  ])("%s", async (_what, body) => {
    expect(await refusal(body)).toContain("Could not parse request body into json");
  });

  it("invalid UTF-8", async () => {
    expect(await refusal(Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))).toBe(
      "[The body is not valid UTF-8]",
    );
  });
});

describe("a valid body", () => {
  it.each([
    ["with the exact content type", { "Content-Type": JSON_TYPE }],
    ["with a parameter on the content type", { "Content-Type": "application/json; charset=utf-8" }],
    ["with the content type in capitals", { "Content-Type": "Application/JSON" }],
  ])("goes through %s", async (_what, headers) => {
    expect((await post(`${api.url}/things`, JSON.stringify(VALID), headers)).status).toBe(202);
    expect(api.calls).toHaveLength(1);
  });

  it("goes through as it is, with colons, escapes and braces inside strings", async () => {
    const body = '{ "id":"00af","total":1,"note":"\\":{[","items":[{"quantity":1}] }';
    expect((await post(`${api.url}/things`, body)).status).toBe(202);
    expect(new URLSearchParams(api.calls[0]?.request.body).get("MessageBody")).toBe(body);
  });

  it("is validated as JSON without a content type", async () => {
    const answer = await fetch(`${api.url}/things`, { method: "POST", body: Buffer.from("{}") });
    expect([answer.status, api.calls.length]).toEqual([400, 0]);
  });
});

describe("a content type without a model", () => {
  it("gets 415 where the integration passes nothing through", async () => {
    const answer = await post(`${api.url}/things`, "hello", { "Content-Type": "text/plain" });
    expect([answer.status, await answer.json()]).toEqual([415, { message: "Unsupported Media Type" }]);
    expect(api.calls).toEqual([]);
  });
});

describe("large, slow and broken requests", () => {
  it("answers 413 to a body above 10 MB, announced or not", async () => {
    const body = Buffer.alloc(10 * 1024 * 1024 + 1, 0x20);
    const announced = await post(`${api.url}/things`, body);
    expect([announced.status, await announced.text()]).toEqual([
      413,
      "HTTP content length exceeded 10485760 bytes.",
    ]);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(body);
        controller.close();
      },
    });
    const chunked = await fetch(`${api.url}/things`, {
      method: "POST",
      body: stream,
      duplex: "half",
    } as RequestInit);
    expect(chunked.status).toBe(413);
  });

  it("refuses a large body with many faults by its first one", async () => {
    const body = JSON.stringify({
      ...VALID,
      items: [{ quantity: 1 }],
      note: "x".repeat(2_000_000),
      total: -1,
    });
    expect(await refusal(body)).toMatch(/^\[.*\]$/s);
  });

  it("survives a client that leaves in the middle of its body", async () => {
    const socket = connect(api.port, "127.0.0.1");
    socket.write("POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
    await waitFor(() => socket.bytesWritten > 0);
    socket.destroy();
    expect((await post(`${api.url}/things`, JSON.stringify(VALID))).status).toBe(202);
    expect(api.calls).toHaveLength(1);
    expect(api.faults).toEqual([]);
  });
});

describe("required parameters", () => {
  const resources = graph([
    apiResource("RequestValidator", "validator", { validateRequestParameters: true }),
    ...method({
      method: {
        requestValidatorId: "validator",
        requestParameters: { "method.request.header.X-Shop": true, "method.request.querystring.page": true },
      },
      integration: SQS_INTEGRATION,
    }),
  ]);

  it("are named when they are missing or blank", async () => {
    await withApi(resources, async ({ url, calls }) => {
      const answer = await post(`${url}/things?page=%20`, "{}");
      const message = "Missing required request parameters: [X-Shop, page]";
      expect([answer.status, await answer.json(), calls.length]).toEqual([400, { message }, 0]);
      expect((await post(`${url}/things?page=1`, "{}", { "x-shop": "a" })).status).toBe(202);
    });
  });
});

import { apiMethodPolicies } from "../../policies/apiMethods";
import { check, type CheckOptions, type Given } from "./support/check";

const METHOD: Given = {
  type: "aws:apigateway/method:Method",
  name: "place",
  props: {
    httpMethod: "POST",
    authorization: "COGNITO_USER_POOLS",
    authorizerId: "a1",
    requestValidatorId: "v1",
    requestModels: { "application/json": "Order" },
  },
  madeOf: { requestValidatorId: ["validator"] },
};
const withProps = (props: Given["props"]): Given => ({ ...METHOD, props: { ...METHOD.props, ...props } });

describe("apigateway-method-authorizer", () => {
  const violations = (props: Given["props"]) =>
    check(apiMethodPolicies, "apigateway-method-authorizer", [withProps(props)]);

  test.each([
    ["a user pool's authorizer", {}],
    ["an authorizer of its own", { authorization: "CUSTOM" }],
    ["signed requests", { authorization: "AWS_IAM", authorizerId: undefined }],
    ["the method OPTIONS", { httpMethod: "OPTIONS", authorization: "NONE", authorizerId: undefined }],
  ])("passes %s", async (_what, props) => {
    expect(await violations(props)).toEqual([]);
  });

  test.each([
    ["no authorization", { authorization: "NONE" }, "lets anybody in"],
    ["an API key alone", { authorization: "NONE", apiKeyRequired: true }, "lets anybody in"],
    ["any method, OPTIONS among them", { httpMethod: "ANY", authorization: "NONE" }, "lets anybody in"],
    ["a kind that is unknown", { authorization: "COGNITO" }, "lets anybody in"],
    ["a user pool without authorizer", { authorizerId: undefined }, "names no authorizer"],
    ["an empty authorizer", { authorization: "CUSTOM", authorizerId: "" }, "names no authorizer"],
  ])("refuses %s", async (_what, props, fault) => {
    expect(await violations(props)).toEqual([
      expect.stringMatching(new RegExp(`^place: Method "place".*${fault}`)),
    ]);
  });
});

describe("apigateway-method-request-validator", () => {
  const validator = (props: Given["props"]): Given => ({
    type: "aws:apigateway/requestValidator:RequestValidator",
    name: "validator",
    props,
  });
  const model = (schema: string): Given => ({
    type: "aws:apigateway/model:Model",
    name: "order",
    props: { name: "Order", schema },
  });
  const VALIDATOR = validator({ validateRequestBody: true });
  const MODEL = model(
    '{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","required":["id"]}',
  );
  const violations = (given: Given[], options?: CheckOptions) =>
    check(apiMethodPolicies, "apigateway-method-request-validator", given, options);

  test("passes a method with a validator of the body and a model", async () => {
    expect(await violations([METHOD, VALIDATOR, MODEL])).toEqual([]);
  });

  test("passes a validator whose id is written out", async () => {
    const given = { ...validator({ validateRequestBody: true, id: "v1" }) };
    expect(await violations([{ ...METHOD, madeOf: {} }, given, MODEL])).toEqual([]);
  });

  test.each(["GET", "DELETE", "OPTIONS"])("passes %s, which takes no body", async (httpMethod) => {
    expect(await violations([{ ...withProps({ httpMethod, requestModels: {} }), madeOf: {} }])).toEqual([]);
  });

  test("asks of the methods that the configuration names", async () => {
    const given = [{ ...withProps({ httpMethod: "DELETE", requestModels: {} }) }, VALIDATOR];
    expect(await violations(given, { config: { methods: ["DELETE"] } })).toHaveLength(1);
  });

  test.each(["POST", "PUT", "PATCH", "ANY"])("refuses %s without a validator", async (httpMethod) => {
    const method = { ...withProps({ httpMethod, requestValidatorId: "" }), madeOf: {} };
    expect(await violations([method, VALIDATOR, MODEL])).toEqual([
      expect.stringMatching(
        /^place: Method "place" \(\w+\) has no request validator.*Set requestValidatorId/,
      ),
    ]);
  });

  test.each([
    [
      "a validator of parameters alone",
      [METHOD, validator({ validateRequestParameters: true }), MODEL],
      "the body",
    ],
    [
      "a validator that is switched off",
      [METHOD, validator({ validateRequestBody: false }), MODEL],
      "the body",
    ],
    ["a validator of another stack", [{ ...METHOD, madeOf: {} }, VALIDATOR, MODEL], "not in this stack"],
    ["no model", [withProps({ requestModels: {} }), VALIDATOR, MODEL], "no request model"],
    [
      "a model of API Gateway that takes everything",
      [
        withProps({ requestModels: { "application/json": "Order", "text/plain": "Empty" } }),
        VALIDATOR,
        MODEL,
      ],
      "the request model Empty",
    ],
    [
      "a model that takes everything",
      [METHOD, VALIDATOR, model('{"title":"Order"}')],
      'the request model "order"',
    ],
    [
      "a model that takes every object",
      [METHOD, VALIDATOR, model('{"type":"object","properties":{}}')],
      "takes everything",
    ],
    ["a model that is no JSON", [METHOD, VALIDATOR, model("object")], 'the request model "order"'],
  ])("refuses %s", async (_what, given, fault) => {
    expect(await violations(given)).toEqual([expect.stringContaining(fault)]);
  });

  const integration = (props: Given["props"]): Given => ({
    type: "aws:apigateway/integration:Integration",
    name: "queue",
    props: {
      httpMethod: "POST",
      type: "AWS",
      passthroughBehavior: "NEVER",
      requestTemplates: { "application/json": "{}" },
      ...props,
    },
  });

  test.each([
    ["what has a model, and nothing else", {}],
    ["whatever it is sent, as a proxy", { type: "AWS_PROXY", passthroughBehavior: undefined }],
    ["the bodies of another method", { httpMethod: "GET", passthroughBehavior: "WHEN_NO_MATCH" }],
  ])("passes an integration that takes %s", async (_what, props) => {
    expect(await violations([METHOD, VALIDATOR, MODEL, integration(props)])).toEqual([]);
  });

  test("passes an integration that takes everything where one model is for everything", async () => {
    const method = withProps({ requestModels: { $default: "Order" } });
    const open = integration({ passthroughBehavior: "WHEN_NO_MATCH" });
    expect(await violations([method, VALIDATOR, MODEL, open])).toEqual([]);
  });

  test.each([
    ["bodies without a template", { passthroughBehavior: "WHEN_NO_MATCH" }, "takes a body of a content type"],
    ["bodies as the default has it", { passthroughBehavior: undefined }, "takes a body of a content type"],
    ["a content type without a model", { requestTemplates: { "text/plain": "{}" } }, "text/plain"],
  ])("refuses an integration that takes %s", async (_what, props, fault) => {
    expect(await violations([METHOD, VALIDATOR, MODEL, integration(props)])).toEqual([
      expect.stringContaining(fault),
    ]);
  });
});

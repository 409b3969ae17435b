import { adding, removing, setting, without, type MutationRule } from "./mutation";

const METHOD = "aws:apigateway/method:Method";
const INTEGRATION = "aws:apigateway/integration:Integration";
const METHOD_SETTINGS = "aws:apigateway/methodSettings:MethodSettings";
const STAGE = "aws:apigateway/stage:Stage";
const VALIDATOR_TYPE = "aws:apigateway/requestValidator:RequestValidator";

const AUTHORIZER = "apigateway-method-authorizer";
const VALIDATOR = "apigateway-method-request-validator";
const ACCESS_LOGS = "apigateway-stage-access-logs";
const TRACING = "apigateway-stage-tracing";
const THROTTLING = "apigateway-stage-throttling";

type Resource = Parameters<MutationRule>[0][number];

const isProtected = ({ inputs }: Resource) => inputs["httpMethod"] !== "OPTIONS";
const takesBody = ({ inputs }: Resource) => inputs["httpMethod"] === "POST";

/** Settings of one method of each stage, beside those of all its methods. */
const oneMethodUnthrottled: MutationRule = (graph) =>
  graph
    .filter(({ type }) => type === STAGE)
    .flatMap(({ name, outputs: { restApi, stageName } }) =>
      adding(THROTTLING, METHOD_SETTINGS, `${name}-post`, {
        restApi,
        stageName,
        methodPath: "orders/POST",
        settings: { metricsEnabled: true },
      })(graph),
    );

export const apiMutations: readonly MutationRule[] = [
  setting(AUTHORIZER, METHOD, "authorization", ["NONE", ""], isProtected),
  setting(AUTHORIZER, METHOD, "authorizerId", [""], isProtected),
  without(AUTHORIZER, METHOD, "authorizerId"),
  adding(AUTHORIZER, METHOD, "anything", { httpMethod: "ANY", authorization: "NONE", apiKeyRequired: true }),

  without(VALIDATOR, METHOD, "requestValidatorId", takesBody),
  without(VALIDATOR, METHOD, "requestModels", takesBody),
  setting(VALIDATOR, METHOD, "requestModels", [{}, { "application/json": "Empty" }], takesBody),
  setting(VALIDATOR, VALIDATOR_TYPE, "validateRequestBody", [false]),
  without(VALIDATOR, VALIDATOR_TYPE, "validateRequestBody"),
  removing(VALIDATOR, VALIDATOR_TYPE),
  setting(VALIDATOR, "aws:apigateway/model:Model", "schema", [
    "{}",
    '{"title":"Order"}',
    '{"type":"object"}',
    '{"type":"object","properties":{},"additionalProperties":true}',
    "no schema",
  ]),
  setting(VALIDATOR, METHOD, "requestModels", [{ "application/xml": "Order" }], takesBody),
  setting(VALIDATOR, INTEGRATION, "passthroughBehavior", ["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES"], takesBody),
  without(VALIDATOR, INTEGRATION, "passthroughBehavior", takesBody),
  setting(VALIDATOR, INTEGRATION, "requestTemplates", [{ "text/plain": "$input.body" }], takesBody),

  without(ACCESS_LOGS, STAGE, "accessLogSettings"),
  setting(ACCESS_LOGS, STAGE, "accessLogSettings.format", [""]),
  without(ACCESS_LOGS, STAGE, "accessLogSettings.destinationArn"),

  without(TRACING, STAGE, "xrayTracingEnabled"),
  setting(TRACING, STAGE, "xrayTracingEnabled", [false]),

  removing(THROTTLING, METHOD_SETTINGS),
  setting(THROTTLING, METHOD_SETTINGS, "methodPath", ["orders/POST"]),
  without(THROTTLING, METHOD_SETTINGS, "settings.throttlingRateLimit"),
  without(THROTTLING, METHOD_SETTINGS, "settings.throttlingBurstLimit"),
  setting(THROTTLING, METHOD_SETTINGS, "settings.throttlingRateLimit", [-1, 0]),
  setting(THROTTLING, METHOD_SETTINGS, "settings.throttlingBurstLimit", [-1, 0]),
  oneMethodUnthrottled,
];

import * as z from "zod";

/** Understood, and without effect in a local run. */
const irrelevant = z.unknown().optional();
/** A switch that is only understood when it is off. */
const off = z.literal(false).optional();
const emptyList = z.array(z.never()).optional();

const texts = z.record(z.string(), z.string());
const flags = z.record(z.string(), z.boolean());
const httpMethod = z.enum(["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]);
const status = z.string().regex(/^[1-5]\d\d$/, "an HTTP status has three digits");

/** Where a method, and everything that belongs to it, stands. */
const place = { restApi: z.string(), resourceId: z.string(), httpMethod, region: irrelevant };

export const restApiInputs = z.strictObject({
  name: irrelevant,
  description: irrelevant,
  tags: irrelevant,
  region: irrelevant,
  endpointConfiguration: z
    .strictObject({ types: z.enum(["EDGE", "REGIONAL"]), ipAddressType: irrelevant })
    .optional(),
  apiKeySource: irrelevant,
  binaryMediaTypes: emptyList,
  disableExecuteApiEndpoint: off,
  minimumCompressionSize: z.enum(["", "-1"]).optional(),
  securityPolicy: irrelevant,
  endpointAccessMode: irrelevant,
  failOnWarnings: irrelevant,
});

export const resourceInputs = z.strictObject({
  restApi: z.string(),
  parentId: z.string(),
  pathPart: z.string().regex(/^(?:[\w.~:!$&'()*+,;=@%-]+|\{[\w.-]+\+?\})$/, "no path part"),
  region: irrelevant,
});

export const modelInputs = z.strictObject({
  restApi: z.string(),
  name: z
    .string()
    .regex(/^[a-zA-Z0-9]+$/, "a model's name has letters and digits only")
    .optional(),
  contentType: z.string(),
  schema: z.string(),
  description: irrelevant,
  region: irrelevant,
});

export const requestValidatorInputs = z.strictObject({
  restApi: z.string(),
  name: irrelevant,
  validateRequestBody: z.boolean().default(false),
  validateRequestParameters: z.boolean().default(false),
  region: irrelevant,
});

export const authorizerInputs = z.strictObject({
  restApi: z.string(),
  name: irrelevant,
  type: z.literal("COGNITO_USER_POOLS"),
  providerArns: z.array(z.string()).min(1),
  identitySource: z
    .string()
    .startsWith("method.request.header.")
    .default("method.request.header.Authorization"),
  identityValidationExpression: z.string().optional(),
  authorizerResultTtlInSeconds: irrelevant,
  region: irrelevant,
});

export const methodInputs = z.strictObject({
  ...place,
  authorization: z.enum(["NONE", "COGNITO_USER_POOLS"]),
  authorizerId: z.string().optional(),
  authorizationScopes: z.array(z.string()).default([]),
  apiKeyRequired: off,
  operationName: irrelevant,
  requestModels: texts.default({}),
  requestParameters: flags.default({}),
  requestValidatorId: z.string().optional(),
});

export const integrationInputs = z.strictObject({
  ...place,
  type: z.enum(["AWS", "MOCK"]),
  uri: z.string().optional(),
  credentials: z.string().optional(),
  integrationHttpMethod: z.literal("POST").optional(),
  passthroughBehavior: z.enum(["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"]).default("WHEN_NO_MATCH"),
  requestParameters: texts.default({}),
  requestTemplates: texts.default({}),
  timeoutMilliseconds: z.number().int().min(50).max(300_000).default(29_000),
  cacheKeyParameters: emptyList,
  cacheNamespace: irrelevant,
  connectionType: z.literal("INTERNET").optional(),
  responseTransferMode: z.literal("BUFFERED").optional(),
});

export const methodResponseInputs = z.strictObject({
  ...place,
  statusCode: status,
  responseModels: irrelevant,
  responseParameters: flags.default({}),
});

export const integrationResponseInputs = z.strictObject({
  ...place,
  statusCode: status,
  selectionPattern: z.string().optional(),
  responseParameters: texts.default({}),
  responseTemplates: texts.default({}),
});

export const gatewayResponseInputs = z.strictObject({
  restApiId: z.string(),
  responseType: z.string(),
  statusCode: status.optional(),
  responseParameters: texts.default({}),
  responseTemplates: texts.default({}),
  region: irrelevant,
});

export const deploymentInputs = z.strictObject({
  restApi: z.string(),
  description: irrelevant,
  triggers: irrelevant,
  variables: texts.default({}),
  region: irrelevant,
});

export const stageInputs = z.strictObject({
  restApi: z.string(),
  deployment: z.string(),
  stageName: z
    .string()
    .regex(/^[\w-]{1,128}$/, "a stage's name has letters, digits, hyphens and underscores"),
  accessLogSettings: z.strictObject({ destinationArn: z.string(), format: z.string() }).optional(),
  variables: texts.default({}),
  xrayTracingEnabled: z.boolean().default(false),
  cacheClusterEnabled: off,
  description: irrelevant,
  documentationVersion: irrelevant,
  tags: irrelevant,
  region: irrelevant,
});

export const methodSettingsInputs = z.strictObject({
  restApi: z.string(),
  stageName: z.string(),
  methodPath: z.string(),
  settings: z.strictObject({
    throttlingBurstLimit: z.number().int().min(-1).default(-1),
    throttlingRateLimit: z.number().min(-1).default(-1),
    metricsEnabled: irrelevant,
    loggingLevel: irrelevant,
    dataTraceEnabled: irrelevant,
    cachingEnabled: off,
    cacheDataEncrypted: irrelevant,
    cacheTtlInSeconds: irrelevant,
    requireAuthorizationForCacheControl: irrelevant,
    unauthorizedCacheControlHeaderStrategy: irrelevant,
  }),
  region: irrelevant,
});

export const accountInputs = z.strictObject({ cloudwatchRoleArn: z.string().optional(), region: irrelevant });

export const restApiOutputs = z.object({ name: z.string(), rootResourceId: z.string() });
export const modelOutputs = z.object({ name: z.string() });

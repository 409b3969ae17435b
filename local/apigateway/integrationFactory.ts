import type * as z from "zod";
import type { Clock } from "../clock";
import type { integrationInputs } from "./inputs";
import {
  AwsIntegration,
  MockIntegration,
  type AssumeRole,
  type AwsAnswerer,
  type Integration,
} from "./integration";
import { IntegrationRequestMapping } from "./integrationRequest";
import type { RestApi } from "./restApi";

/**
 * Makes the integration of a method.
 *
 * @throws Error that names what cannot be hosted
 */
export function createIntegration(
  inputs: z.output<typeof integrationInputs>,
  api: RestApi,
  dependencies: { readonly clock: Clock; readonly aws: AwsAnswerer; readonly assumeRole: AssumeRole },
): Integration {
  const { requestTemplates, requestParameters, passthroughBehavior } = inputs;
  const mapping = new IntegrationRequestMapping(requestTemplates, requestParameters, passthroughBehavior);
  if (inputs.type === "MOCK") return new MockIntegration(mapping);
  const { uri, credentials, integrationHttpMethod, timeoutMilliseconds } = inputs;
  if (uri === undefined || integrationHttpMethod === undefined)
    throw new Error("an integration of type AWS needs uri and integrationHttpMethod");
  if (credentials === undefined || credentials.includes("*"))
    throw new Error("an integration of type AWS needs credentials: the ARN of a role");
  return new AwsIntegration(
    mapping,
    {
      uri,
      roleArn: credentials,
      timeoutMs: timeoutMilliseconds,
      sourceArn: ({ context: { values } }) =>
        api.executionArn(values.stage, values.httpMethod, values.resourcePath ?? ""),
    },
    dependencies,
  );
}

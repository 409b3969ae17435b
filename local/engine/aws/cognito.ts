import * as z from "zod";
import { ACCOUNT_ID } from "../../aws/arn";
import { CREATED, type NewResource, type ResourceTypes } from "./newResource";

const scopesSchema = z.array(z.object({ scopeName: z.string() })).default([]);

/** Cognito user pools. */
export const COGNITO_RESOURCES: ResourceTypes = {
  "aws:cognito/resourceServer:ResourceServer": resourceServer,
  "aws:cognito/userPool:UserPool": (resource) => {
    const id = `${resource.region}_${resource.lowerCaseId(9)}`;
    return {
      id,
      name: resource.physicalName({ maxLength: 128 }),
      arn: resource.arn("cognito-idp", `userpool/${id}`),
      endpoint: `cognito-idp.${resource.region}.amazonaws.com/${id}`,
      creationDate: CREATED,
      lastModifiedDate: CREATED,
    };
  },
  "aws:cognito/userPoolClient:UserPoolClient": userPoolClient,
  "aws:cognito/userPoolDomain:UserPoolDomain": (resource) => ({
    id: resource.text("domain"),
    awsAccountId: ACCOUNT_ID,
    version: "20250101000000",
  }),
};

function resourceServer(resource: NewResource) {
  const identifier = resource.text("identifier");
  const scopes = scopesSchema.safeParse(resource.inputs.scopes);
  if (!scopes.success) return resource.refuse('needs a list of scopes with "scopeName" as "scopes"');
  return {
    id: `${resource.text("userPoolId")}|${identifier}`,
    name: resource.physicalName({ maxLength: 256 }),
    scopeIdentifiers: scopes.data.map(({ scopeName }) => `${identifier}/${scopeName}`),
  };
}

function userPoolClient(resource: NewResource) {
  return {
    id: resource.lowerCaseId(26),
    name: resource.physicalName({ maxLength: 128 }),
    clientSecret: resource.inputs.generateSecret === true ? resource.lowerCaseId(51, "secret") : "",
  };
}

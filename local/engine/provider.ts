import { apiGatewayResources } from "./aws/apigateway";
import { CLOUDWATCH_RESOURCES } from "./aws/cloudwatch";
import { COGNITO_RESOURCES } from "./aws/cognito";
import { COMPUTE_RESOURCES } from "./aws/compute";
import { awsFunction } from "./aws/functions";
import { IDENTITY_RESOURCES } from "./aws/identity";
import { MESSAGING_RESOURCES } from "./aws/messaging";
import { NewResource, type ResourceRequest, type ResourceTypes } from "./aws/newResource";

/** Stands in for a resource provider: it creates nothing, and answers what the real one would compute. */
export interface ResourceProvider {
  /** @throws Error that names type and resource when the provider does not have the type */
  check(type: string, name: string): void;
  /**
   * @returns the physical id, and the properties that the provider computes
   * @throws Error that names the resource when its inputs do not do
   */
  create(request: ResourceRequest): {
    readonly id: string;
    readonly outputs: Readonly<Record<string, unknown>>;
  };
  /**
   * @param token such as `aws:index/getRegion:getRegion`
   * @throws Error that names the token when the provider does not have the function
   */
  invoke(token: string, args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
}

export interface AwsProviderOptions {
  /** Where resources are that do not name a region of their own. */
  readonly region: string;
  /** Where the local run listens, such as `http://127.0.0.1:4000`: queue URLs and invoke URLs begin with it. */
  readonly origin: string;
}

/**
 * Stands in for the AWS provider (@pulumi/aws 7). What AWS makes up at random (names, ids) comes from the resource's URN,
 * so that every run of a program gets the same. Serves one run: it remembers the paths of API resources.
 */
export function awsProvider({ region, origin }: AwsProviderOptions): ResourceProvider {
  const types: ResourceTypes = {
    ...apiGatewayResources(),
    ...CLOUDWATCH_RESOURCES,
    ...COGNITO_RESOURCES,
    ...COMPUTE_RESOURCES,
    ...IDENTITY_RESOURCES,
    ...MESSAGING_RESOURCES,
  };
  const find = (type: string, name: string) => {
    const create = types[type];
    if (create === undefined)
      throw new Error(
        `The local run does not know the resource type "${type}" of "${name}". Add it to local/engine/aws.`,
      );
    return create;
  };
  return {
    check: (type, name) => void find(type, name),
    create: (request) => {
      const resource = new NewResource(request, { region, origin });
      const { id, ...outputs } = find(request.type, request.name)(resource);
      return { id, outputs: isRegional(request.type) ? { region: resource.region, ...outputs } : outputs };
    },
    invoke: (token, args) => awsFunction(token, args, region),
  };
}

/** IAM is the one service of these that has no regions. */
function isRegional(type: string): boolean {
  return !type.startsWith("aws:iam/");
}

import type * as z from "zod";
import type { CognitoAuthorizer } from "./authorization";
import type { methodInputs } from "./inputs";
import type { Integration } from "./integration";
import {
  IntegrationResponses,
  METHOD_HEADER,
  type IntegrationResponseDefinition,
} from "./integrationResponse";
import { parseMethodParameter, type ApiMethod } from "./method";
import type { BodyModel } from "./model";
import type { RestApi } from "./restApi";

type MethodInputs = z.infer<typeof methodInputs>;

/** A method while the graph is read: its integration and responses come as resources of their own. */
export class MethodDraft {
  readonly resourceId: string;
  readonly httpMethod: string;
  private integration: Integration | undefined;
  private readonly responses = new IntegrationResponses();
  /** Headers that each status of the method may have. */
  private readonly methodResponses = new Map<string, readonly string[]>();
  private readonly integrationResponses: IntegrationResponseDefinition[] = [];

  constructor(
    private readonly api: RestApi,
    private readonly inputs: MethodInputs,
  ) {
    this.resourceId = inputs.resourceId;
    this.httpMethod = inputs.httpMethod;
    for (const parameter of Object.keys(inputs.requestParameters)) parseMethodParameter(parameter);
  }

  /**
   * Sets the integration.
   *
   * @param mappings the right sides of its parameter mappings
   * @throws Error for a mapping from a parameter that the method does not declare, which AWS refuses
   */
  integrate(integration: Integration, mappings: readonly string[]): void {
    for (const expression of mappings)
      if (/^method\.request\.(header|path|querystring)\./.test(expression) && !this.declares(expression))
        throw new Error(`the method does not declare the request parameter "${expression}"`);
    this.integration = integration;
  }

  addMethodResponse(statusCode: string, responseParameters: Readonly<Record<string, boolean>>): void {
    this.methodResponses.set(statusCode, Object.keys(responseParameters));
  }

  /** @throws Error that says what cannot be hosted */
  addIntegrationResponse(definition: IntegrationResponseDefinition): void {
    this.responses.add(definition);
    this.integrationResponses.push(definition);
  }

  /** @throws Error that names what is missing: AWS refuses such a method, or its deployment */
  build(resourcePath: string): ApiMethod {
    const name = `The method ${this.httpMethod} ${resourcePath}`;
    if (!this.integration) throw new Error(`${name} has no integration: AWS does not deploy it.`);
    for (const response of this.integrationResponses) this.checkResponse(name, response);
    const validator = this.validator(name);
    const { authorizationScopes, requestParameters } = this.inputs;
    const required = Object.keys(requestParameters).filter((parameter) => requestParameters[parameter]);
    return {
      resourceId: this.resourceId,
      resourcePath,
      httpMethod: this.httpMethod,
      authorizer: this.authorizer(name),
      scopes: authorizationScopes,
      requiredParameters: validator?.checksParameters ? required.map(parseMethodParameter) : [],
      models: validator?.checksBody ? this.models(name) : new Map<string, BodyModel>(),
      integration: this.integration,
      responses: this.responses,
    };
  }

  private declares(parameter: string): boolean {
    return Object.hasOwn(this.inputs.requestParameters, parameter);
  }

  private checkResponse(
    name: string,
    { statusCode, responseParameters }: IntegrationResponseDefinition,
  ): void {
    const headers = this.methodResponses.get(statusCode);
    if (!headers)
      throw new Error(
        `${name} has an integration response ${statusCode} without a method response: AWS refuses it.`,
      );
    for (const parameter of Object.keys(responseParameters))
      if (!headers.includes(parameter))
        throw new Error(
          `${name} maps ${parameter.slice(METHOD_HEADER.length)} for the status ${statusCode}, ` +
            "which its method response does not declare: AWS refuses it.",
        );
  }

  private authorizer(name: string): CognitoAuthorizer | undefined {
    const { authorization, authorizerId } = this.inputs;
    if (authorization === "NONE") return undefined;
    const authorizer = this.api.authorizers.get(authorizerId ?? "");
    if (!authorizer)
      throw new Error(`${name} names the authorizer "${authorizerId}", which its API does not have.`);
    return authorizer;
  }

  private validator(name: string) {
    const { requestValidatorId } = this.inputs;
    if (requestValidatorId === undefined) return undefined;
    const validator = this.api.validators.get(requestValidatorId);
    if (!validator)
      throw new Error(
        `${name} names the request validator "${requestValidatorId}", which its API does not have.`,
      );
    return validator;
  }

  private models(name: string): ReadonlyMap<string, BodyModel> {
    return new Map(
      Object.entries(this.inputs.requestModels).map(([mediaType, modelName]) => {
        const model = this.api.models.get(modelName);
        if (!model) throw new Error(`${name} names the model "${modelName}", which its API does not have.`);
        return [mediaType.toLowerCase(), model];
      }),
    );
  }
}

import type * as z from "zod";
import { readInputs, readOutputs } from "../aws/properties";
import type { Resource, ResourceHost } from "../aws/resource";
import type { Clock } from "../clock";
import { accessLogOf } from "./accessLog";
import type { TokenVerifier } from "./authorization";
import * as schemas from "./inputs";
import type { AssumeRole, AwsAnswerer } from "./integration";
import { createIntegration } from "./integrationFactory";
import { MethodDraft } from "./methodDraft";
import { compileModel } from "./model";
import { RestApi } from "./restApi";
import { parseMethodPath, Stage } from "./stage";

/** What the hosted APIs need of the other services. */
export interface DefinitionDependencies {
  readonly clock: Clock;
  readonly region: string;
  readonly aws: AwsAnswerer;
  readonly cognito: TokenVerifier;
  readonly assumeRole: AssumeRole;
}

type Inputs<Schema extends z.ZodType> = z.output<Schema>;

/** Reads the inputs, and names the resource in whatever it cannot be hosted for. */
function host<T>(
  schema: z.ZodType<T>,
  run: (inputs: T, resource: Resource) => void,
): (resource: Resource) => void {
  return (resource) => {
    const inputs = readInputs(resource, schema);
    try {
      run(inputs, resource);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`The local run cannot host the ${resource.type} "${resource.name}": ${reason}`, {
        cause: error,
      });
    }
  };
}

/** The REST APIs of the graph. */
export class ApiDefinitions implements ResourceHost {
  readonly hosts: ResourceHost["hosts"] = {
    "aws:apigateway/restApi:RestApi": host(schemas.restApiInputs, (_inputs, resource) =>
      this.hostApi(resource),
    ),
    "aws:apigateway/resource:Resource": host(schemas.resourceInputs, (inputs, resource) =>
      this.hostResource(inputs, resource),
    ),
    "aws:apigateway/model:Model": host(schemas.modelInputs, (inputs, resource) =>
      this.hostModel(inputs, resource),
    ),
    "aws:apigateway/requestValidator:RequestValidator": host(
      schemas.requestValidatorInputs,
      (inputs, resource) => this.hostValidator(inputs, resource),
    ),
    "aws:apigateway/authorizer:Authorizer": host(schemas.authorizerInputs, (inputs, resource) =>
      this.hostAuthorizer(inputs, resource),
    ),
    "aws:apigateway/method:Method": host(schemas.methodInputs, (inputs) => this.hostMethod(inputs)),
    "aws:apigateway/integration:Integration": host(schemas.integrationInputs, (inputs) =>
      this.hostIntegration(inputs),
    ),
    "aws:apigateway/methodResponse:MethodResponse": host(schemas.methodResponseInputs, (inputs) =>
      this.hostMethodResponse(inputs),
    ),
    "aws:apigateway/integrationResponse:IntegrationResponse": host(
      schemas.integrationResponseInputs,
      (inputs) => this.hostIntegrationResponse(inputs),
    ),
    "aws:apigateway/response:Response": host(schemas.gatewayResponseInputs, (inputs) =>
      this.hostGatewayResponse(inputs),
    ),
    "aws:apigateway/deployment:Deployment": host(schemas.deploymentInputs, (inputs, resource) =>
      this.hostDeployment(inputs, resource),
    ),
    "aws:apigateway/stage:Stage": host(schemas.stageInputs, (inputs) => this.hostStage(inputs)),
    "aws:apigateway/methodSettings:MethodSettings": host(schemas.methodSettingsInputs, (inputs) =>
      this.hostMethodSettings(inputs),
    ),
    "aws:apigateway/account:Account": host(schemas.accountInputs, ({ cloudwatchRoleArn }) => {
      this.logRoleArn = cloudwatchRoleArn;
    }),
  };

  readonly apis = new Map<string, RestApi>();
  /** The role that writes logs for all APIs of the region; without one in the graph the service writes by itself. */
  logRoleArn: string | undefined;

  constructor(private readonly dependencies: DefinitionDependencies) {}

  private api(id: string): RestApi {
    const api = this.apis.get(id);
    if (!api) throw new Error(`there is no REST API "${id}"`);
    return api;
  }

  private hostApi(resource: Resource): void {
    const { rootResourceId, name } = readOutputs(resource, schemas.restApiOutputs);
    const { region, clock } = this.dependencies;
    this.apis.set(resource.id, new RestApi(resource.id, name, rootResourceId, region, clock));
  }

  private hostResource(inputs: Inputs<typeof schemas.resourceInputs>, resource: Resource): void {
    const { restApi, parentId, pathPart } = inputs;
    this.api(restApi).addResource(resource.id, parentId, pathPart);
  }

  private hostModel(inputs: Inputs<typeof schemas.modelInputs>, resource: Resource): void {
    const { restApi, schema } = inputs;
    const { name } = readOutputs(resource, schemas.modelOutputs);
    this.api(restApi).models.set(name, compileModel(schema));
  }

  private hostValidator(inputs: Inputs<typeof schemas.requestValidatorInputs>, resource: Resource): void {
    this.api(inputs.restApi).validators.set(resource.id, {
      checksBody: inputs.validateRequestBody,
      checksParameters: inputs.validateRequestParameters,
    });
  }

  private hostAuthorizer(inputs: Inputs<typeof schemas.authorizerInputs>, resource: Resource): void {
    const { identityValidationExpression: audience } = inputs;
    this.api(inputs.restApi).authorizers.set(resource.id, {
      headerName: inputs.identitySource.slice("method.request.header.".length),
      issuers: new Set(inputs.providerArns.map((arn) => this.dependencies.cognito.standInFor(arn))),
      audience: audience ? new RegExp(`^(?:${audience})$`) : undefined,
    });
  }

  private hostMethod(inputs: Inputs<typeof schemas.methodInputs>): void {
    const api = this.api(inputs.restApi);
    api.pathOf(inputs.resourceId);
    api.addMethod(new MethodDraft(api, inputs));
  }

  private hostIntegration(inputs: Inputs<typeof schemas.integrationInputs>): void {
    const api = this.api(inputs.restApi);
    const draft = api.method(inputs.resourceId, inputs.httpMethod);
    const integration = createIntegration(inputs, api, this.dependencies);
    draft.integrate(integration, Object.values(inputs.requestParameters));
  }

  private hostMethodResponse(inputs: Inputs<typeof schemas.methodResponseInputs>): void {
    const draft = this.api(inputs.restApi).method(inputs.resourceId, inputs.httpMethod);
    draft.addMethodResponse(inputs.statusCode, inputs.responseParameters);
  }

  private hostIntegrationResponse(inputs: Inputs<typeof schemas.integrationResponseInputs>): void {
    this.api(inputs.restApi).method(inputs.resourceId, inputs.httpMethod).addIntegrationResponse(inputs);
  }

  private hostGatewayResponse(inputs: Inputs<typeof schemas.gatewayResponseInputs>): void {
    const { restApiId, responseType, ...definition } = inputs;
    this.api(restApiId).gatewayResponses.add(responseType, {
      ...definition,
      statusCode: definition.statusCode,
    });
  }

  private hostDeployment(inputs: Inputs<typeof schemas.deploymentInputs>, resource: Resource): void {
    const { restApi, variables } = inputs;
    this.api(restApi).deployments.set(resource.id, variables);
  }

  private hostStage(inputs: Inputs<typeof schemas.stageInputs>): void {
    const { stageName: name, accessLogSettings } = inputs;
    const api = this.api(inputs.restApi);
    const variables = api.deployments.get(inputs.deployment);
    if (!variables) throw new Error(`its API has no deployment "${inputs.deployment}"`);
    if ([...this.apis.values()].some(({ stages }) => stages.has(name)))
      throw new Error(`two stages are named "${name}", and the local run has one host name for all APIs`);
    const log = accessLogSettings && accessLogOf(api.id, name, accessLogSettings);
    const allVariables = { ...variables, ...inputs.variables };
    api.stages.set(
      name,
      new Stage(name, allVariables, inputs.xrayTracingEnabled, log, this.dependencies.clock),
    );
  }

  private hostMethodSettings(inputs: Inputs<typeof schemas.methodSettingsInputs>): void {
    const { restApi, stageName, methodPath, settings } = inputs;
    const stage = this.api(restApi).stages.get(stageName);
    if (!stage) throw new Error(`its API has no stage "${stageName}"`);
    stage.throttle({
      methodPath: parseMethodPath(methodPath),
      ratePerSecond: settings.throttlingRateLimit,
      burst: settings.throttlingBurstLimit,
    });
  }
}

import * as apigateway from "@pulumi/aws/apigateway";
import * as pulumi from "@pulumi/pulumi";
import { gatewayModel } from "../contracts/gatewayModel";
import type { Account } from "./account";
import { alarm, LASTING, type Metric } from "./alarm";
import type { AlarmTopic } from "./alarmTopic";
import { gatewayResponses } from "./api/gatewayResponses";
import { apiMethod, type ApiMethod } from "./api/method";
import { ApiParts } from "./api/parts";
import { preflight } from "./api/preflight";
import { apiStage, type ApiStageSettings } from "./api/stage";
import * as templates from "./api/templates";
import type { Settings } from "./config";
import { ORDER_SCOPES, type CustomerPool } from "./customerPool";
import type { EncryptionKey } from "./encryptionKey";
import { allow, serviceRole, type ServiceRole } from "./iam";
import type { OrderQueue } from "./orderQueue";
import type { OrderTable } from "./orderTable";

/** What clients make good themselves, by sending an order again. */
const SERVER_ERROR_SHARE = 0.01;

export interface OrderApiArgs {
  readonly account: Account;
  readonly key: EncryptionKey;
  readonly customers: CustomerPool;
  readonly queue: OrderQueue;
  readonly table: OrderTable;
  readonly alarms: AlarmTopic;
  readonly settings: ApiStageSettings & Pick<Settings, "allowedOrigins">;
}

/**
 * Hop 1: authenticates and validates an order and puts it straight on the queue; reads orders straight from the table.
 * No function stands in the way of an order, so nothing has to scale up before a sale.
 */
export class OrderApi extends pulumi.ComponentResource {
  /** The base of every path, without a slash at the end. */
  readonly url: pulumi.Output<string>;
  private readonly stageName: pulumi.Output<string>;
  private readonly parts: ApiParts;
  private readonly restApi: apigateway.RestApi;

  constructor(
    private readonly name: string,
    private readonly args: OrderApiArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("order-service:index:OrderApi", name, {}, opts);
    this.parts = new ApiParts(this);
    this.restApi = this.parts.add(apigateway.RestApi, name, {
      description: "Takes orders.",
      endpointConfiguration: { types: "REGIONAL" },
    });
    this.routes();
    gatewayResponses(name, this.restApi, this.origins, this.parts);
    const { key, settings } = args;
    const restApi = this.restApi;
    const stage = apiStage(name, { restApi, deployment: this.deployment(), key, settings }, { parent: this });
    this.url = stage.invokeUrl;
    this.stageName = stage.stageName;
    this.watch();
    this.registerOutputs({ url: this.url });
  }

  /** A metric that API Gateway keeps of the stage. */
  metric(name: string): Metric {
    const dimensions = { ApiName: this.restApi.name, Stage: this.stageName };
    return { namespace: "AWS/ApiGateway", name, dimensions };
  }

  private watch(): void {
    alarm(
      `${this.name}-server-errors`,
      {
        alarms: this.args.alarms,
        metric: this.metric("5XXError"),
        // Of this metric the share of the requests (API Gateway Developer Guide, metrics).
        statistic: "Average",
        above: SERVER_ERROR_SHARE,
        window: LASTING,
        meaning:
          "More than one request of a hundred fails at the API: customers cannot place or read orders.",
        runbook: "api-server-errors",
      },
      { parent: this },
    );
  }

  private get origins(): readonly string[] {
    return this.args.settings.allowedOrigins;
  }

  /** The resources, and the methods on them. */
  private routes(): void {
    const { name, parts, restApi } = this;
    const orders = parts.add(apigateway.Resource, `${name}-orders`, {
      restApi: restApi.id,
      parentId: restApi.rootResourceId,
      pathPart: "orders",
    });
    const order = parts.add(apigateway.Resource, `${name}-order`, {
      restApi: restApi.id,
      parentId: orders.id,
      pathPart: "{orderId}",
    });
    const authorizer = parts.add(apigateway.Authorizer, name, {
      restApi: restApi.id,
      type: "COGNITO_USER_POOLS",
      providerArns: [this.args.customers.arn],
    });
    const validator = parts.add(apigateway.RequestValidator, name, {
      restApi: restApi.id,
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    const on = (resource: apigateway.Resource) => ({
      parts,
      restApi,
      resourceId: resource.id,
      authorizer,
      validator,
      allowedOrigins: this.origins,
    });
    apiMethod(`${name}-place-order`, this.placeOrder(), on(orders));
    apiMethod(`${name}-list-orders`, this.listOrders(), on(orders));
    apiMethod(`${name}-get-order`, this.getOrder(), on(order));
    preflight(`${name}-orders-options`, restApi, orders.id, this.origins, parts);
    preflight(`${name}-order-options`, restApi, order.id, this.origins, parts);
  }

  private placeOrder(): ApiMethod {
    const { account, key } = this.args;
    const { queue } = this.args.queue;
    const { role } = this.role("enqueue", "Puts accepted orders on the order queue.", [
      allow(["sqs:SendMessage"], queue.arn),
      key.allowSending("sqs"),
    ]);
    const model = this.parts.add(apigateway.Model, this.name, {
      restApi: this.restApi.id,
      name: "Order",
      contentType: "application/json",
      schema: JSON.stringify(gatewayModel()),
    });
    return {
      httpMethod: "POST",
      scopes: [ORDER_SCOPES.write],
      requestModel: model.name,
      integration: {
        uri: pulumi.interpolate`arn:aws:apigateway:${account.region}:sqs:path/${account.id}/${queue.name}`,
        roleArn: role.arn,
        contentType: "application/x-www-form-urlencoded",
        template: templates.sendMessageRequest(),
      },
      responses: [
        { status: 202, selectionPattern: "2\\d{2}", template: templates.acceptedResponse() },
        {
          status: 502,
          selectionPattern: "4\\d{2}",
          template: templates.notQueuedResponse(),
          overrides: [400, 413],
        },
        { status: 503, selectionPattern: "5\\d{2}", template: templates.unavailableResponse() },
        // Never a success by default: an error that no pattern knows must not look like an accepted order.
        { status: 500, template: templates.unavailableResponse() },
      ],
    };
  }

  private listOrders(): ApiMethod {
    const template = this.args.table.name.apply(templates.listOrdersRequest);
    return {
      ...this.read("Query", "Lists a customer's orders.", template, templates.ordersResponse()),
      requestParameters: { "method.request.querystring.nextToken": false },
    };
  }

  private getOrder(): ApiMethod {
    const template = this.args.table.name.apply(templates.getOrderRequest);
    return {
      ...this.read(
        "GetItem",
        "Reads one of a customer's orders.",
        template,
        templates.orderResponse(),
        [404],
      ),
      requestParameters: { "method.request.path.orderId": true },
    };
  }

  /** A method that reads the table. */
  private read(
    action: "GetItem" | "Query",
    description: string,
    requestTemplate: pulumi.Output<string>,
    responseTemplate: string,
    overrides: readonly number[] = [],
  ): ApiMethod {
    const { account, table } = this.args;
    const { role } = this.role(action.toLowerCase(), description, table.allowItems([`dynamodb:${action}`]));
    return {
      httpMethod: "GET",
      scopes: [ORDER_SCOPES.read],
      integration: {
        uri: pulumi.interpolate`arn:aws:apigateway:${account.region}:dynamodb:action/${action}`,
        roleArn: role.arn,
        contentType: "application/x-amz-json-1.0",
        template: requestTemplate,
      },
      responses: [
        { status: 200, selectionPattern: "2\\d{2}", template: responseTemplate, overrides },
        { status: 502, selectionPattern: "4\\d{2}", template: templates.notReadResponse(), overrides: [400] },
        { status: 503, selectionPattern: "5\\d{2}", template: templates.unavailableResponse() },
        { status: 500, template: templates.unavailableResponse() },
      ],
    };
  }

  private role(
    purpose: string,
    description: string,
    statements: Parameters<typeof serviceRole>[1]["statements"],
  ): ServiceRole {
    return serviceRole(
      `${this.name}-${purpose}`,
      { service: "apigateway.amazonaws.com", description, statements },
      { parent: this },
    );
  }

  private deployment(): apigateway.Deployment {
    const { contentHash, resources } = this.parts;
    return new apigateway.Deployment(
      this.name,
      { restApi: this.restApi.id, triggers: { content: contentHash } },
      { parent: this, dependsOn: resources },
    );
  }
}

import { awsProvider } from "../../../local/engine/provider";

const REGION = "eu-west-1";
const ORIGIN = "http://127.0.0.1:4000";
const ACCOUNT = "123456789012";

function provider() {
  return awsProvider({ region: REGION, origin: ORIGIN });
}

/** Creates one resource with a provider of its own. */
function create(type: string, inputs: Record<string, unknown> = {}, aws = provider(), name = "thing") {
  return aws.create({ urn: `urn:pulumi:dev::shop::${type}::${name}`, type, name, inputs });
}

describe("a physical name", () => {
  test("is the logical one with 7 hexadecimal digits, the same in every run", () => {
    const { outputs } = create("aws:sqs/queue:Queue");
    expect(outputs.name).toMatch(/^thing-[0-9a-f]{7}$/);
    expect(create("aws:sqs/queue:Queue").outputs.name).toBe(outputs.name);
  });

  test("differs between resources", () => {
    const other = create("aws:sqs/queue:Queue", {}, provider(), "other").outputs.name;
    expect(String(other).slice(-7)).not.toBe(String(create("aws:sqs/queue:Queue").outputs.name).slice(-7));
  });

  test("is the given one", () => {
    expect(create("aws:sqs/queue:Queue", { name: "given" }).outputs.name).toBe("given");
  });

  test("begins with the given prefix", () => {
    expect(create("aws:cloudwatch/logGroup:LogGroup", { namePrefix: "/aws/vendedlogs/" }).id).toMatch(
      /^\/aws\/vendedlogs\/[0-9a-f]{7}$/,
    );
  });

  test("ends with .fifo where AWS asks for it", () => {
    expect(create("aws:sqs/queue:Queue", { fifoQueue: true }).outputs.name).toMatch(
      /^thing-[0-9a-f]{7}\.fifo$/,
    );
  });

  test("that is too long for AWS is refused", () => {
    expect(() => create("aws:iam/role:Role", {}, provider(), "r".repeat(57))).toThrow(
      /^"r{57}" \(aws:iam\/role:Role\) would be named ".+", which is longer than the 64 characters that AWS allows\.$/,
    );
  });
});

describe("what AWS would compute", () => {
  const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

  test.each<[string, Record<string, unknown>, string, Record<string, unknown>]>([
    ["aws:cloudwatch/logGroup:LogGroup", { name: "/g" }, "/g", { arn: arn("logs", "log-group:/g") }],
    ["aws:cloudwatch/metricAlarm:MetricAlarm", { name: "a" }, "a", { arn: arn("cloudwatch", "alarm:a") }],
    [
      "aws:cloudwatch/dashboard:Dashboard",
      { dashboardName: "d" },
      "d",
      { dashboardArn: `arn:aws:cloudwatch::${ACCOUNT}:dashboard/d` },
    ],
    ["aws:cloudwatch/logResourcePolicy:LogResourcePolicy", { policyName: "p" }, "p", {}],
    [
      "aws:cognito/resourceServer:ResourceServer",
      { identifier: "orders", userPoolId: "pool", scopes: [{ scopeName: "read" }, { scopeName: "write" }] },
      "pool|orders",
      { scopeIdentifiers: ["orders/read", "orders/write"] },
    ],
    ["aws:cognito/userPoolDomain:UserPoolDomain", { domain: "shop" }, "shop", {}],
    [
      "aws:dynamodb/table:Table",
      { name: "t", streamEnabled: true },
      "t",
      {
        arn: arn("dynamodb", "table/t"),
        streamArn: arn("dynamodb", "table/t/stream/2025-01-01T00:00:00.000"),
        streamLabel: "2025-01-01T00:00:00.000",
      },
    ],
    ["aws:dynamodb/table:Table", { name: "t" }, "t", { streamArn: "", streamLabel: "" }],
    ["aws:iam/role:Role", { name: "r", path: "/shop/" }, "r", { arn: `arn:aws:iam::${ACCOUNT}:role/shop/r` }],
    ["aws:iam/policy:Policy", { name: "p" }, `arn:aws:iam::${ACCOUNT}:policy/p`, { name: "p" }],
    ["aws:iam/rolePolicy:RolePolicy", { name: "p", role: "r" }, "r:p", {}],
    [
      "aws:kms/alias:Alias",
      { name: "alias/a", targetKeyId: "k" },
      "alias/a",
      { arn: arn("kms", "alias/a"), targetKeyArn: arn("kms", "key/k") },
    ],
    [
      "aws:lambda/function:Function",
      { name: "f" },
      "f",
      {
        arn: arn("lambda", "function:f"),
        version: "$LATEST",
        qualifiedArn: arn("lambda", "function:f:$LATEST"),
        invokeArn: `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${arn("lambda", "function:f")}/invocations`,
      },
    ],
    ["aws:lambda/function:Function", { name: "f", publish: true }, "f", { version: "1" }],
    ["aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", { functionName: "f" }, "f", {}],
    ["aws:lambda/permission:Permission", { statementId: "s" }, "s", { statementId: "s" }],
    [
      "aws:scheduler/schedule:Schedule",
      { name: "s" },
      "default/s",
      { groupName: "default", arn: arn("scheduler", "schedule/default/s") },
    ],
    [
      "aws:scheduler/scheduleGroup:ScheduleGroup",
      { name: "g" },
      "g",
      { arn: arn("scheduler", "schedule-group/g") },
    ],
    ["aws:sfn/stateMachine:StateMachine", { name: "m" }, arn("states", "stateMachine:m"), { name: "m" }],
    ["aws:sns/topic:Topic", { name: "t" }, arn("sns", "t"), { arn: arn("sns", "t"), owner: ACCOUNT }],
    ["aws:sns/topicPolicy:TopicPolicy", { arn: "topic" }, "topic", {}],
    [
      "aws:sqs/queue:Queue",
      { name: "q" },
      `${ORIGIN}/${ACCOUNT}/q`,
      { url: `${ORIGIN}/${ACCOUNT}/q`, arn: arn("sqs", "q") },
    ],
    ["aws:sqs/queuePolicy:QueuePolicy", { queueUrl: "url" }, "url", {}],
    ["aws:sqs/redrivePolicy:RedrivePolicy", { queueUrl: "url" }, "url", {}],
    ["aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", { queueUrl: "url" }, "url", {}],
    [
      "aws:sqs/queue:Queue",
      { name: "q", region: "us-east-1" },
      `${ORIGIN}/${ACCOUNT}/q`,
      { region: "us-east-1" },
    ],
  ])("of %s %j", (type, inputs, id, outputs) => {
    expect(create(type, inputs)).toMatchObject({ id, outputs });
  });

  test("of a user pool", () => {
    const { id, outputs } = create("aws:cognito/userPool:UserPool");
    expect(id).toMatch(/^eu-west-1_[a-z0-9]{9}$/);
    expect(outputs).toMatchObject({
      arn: arn("cognito-idp", `userpool/${id}`),
      endpoint: `cognito-idp.eu-west-1.amazonaws.com/${id}`,
    });
  });

  test("of a user pool's client: a secret only where it asks for one", () => {
    const type = "aws:cognito/userPoolClient:UserPoolClient";
    expect(create(type, { userPoolId: "pool" })).toMatchObject({
      id: expect.stringMatching(/^[a-z0-9]{26}$/),
      outputs: { clientSecret: "" },
    });
    expect(create(type, { generateSecret: true }).outputs.clientSecret).toMatch(/^[a-z0-9]{51}$/);
  });

  test("of an event source mapping", () => {
    const { id, outputs } = create("aws:lambda/eventSourceMapping:EventSourceMapping", { functionName: "f" });
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(outputs).toMatchObject({
      uuid: id,
      arn: arn("lambda", `event-source-mapping:${id}`),
      functionArn: arn("lambda", "function:f"),
    });
  });

  test("of a key and of a subscription", () => {
    const key = create("aws:kms/key:Key");
    expect(key.outputs).toMatchObject({ keyId: key.id, arn: arn("kms", `key/${key.id}`) });
    const subscription = (protocol: string) =>
      create("aws:sns/topicSubscription:TopicSubscription", { topic: arn("sns", "t"), protocol });
    expect(subscription("sqs").id).toMatch(new RegExp(`^${arn("sns", "t")}:[0-9a-f-]{36}$`));
    expect(subscription("sqs").outputs["pendingConfirmation"]).toBe(false);
    expect(subscription("email").outputs["pendingConfirmation"]).toBe(true);
  });

  test("of an API: paths from its root, ids of its methods, where it is called", () => {
    const aws = provider();
    const api = create("aws:apigateway/restApi:RestApi", { name: "shop" }, aws);
    const restApi = api.id;
    expect(api.outputs).toMatchObject({
      arn: `arn:aws:apigateway:${REGION}::/restapis/${restApi}`,
      executionArn: arn("execute-api", restApi),
    });
    const type = "aws:apigateway/resource:Resource";
    const orders = create(
      type,
      { restApi, parentId: api.outputs.rootResourceId, pathPart: "orders" },
      aws,
      "orders",
    );
    const order = create(type, { restApi, parentId: orders.id, pathPart: "{orderId}" }, aws, "order");
    expect([orders.outputs.path, order.outputs.path]).toEqual(["/orders", "/orders/{orderId}"]);
    const method = { restApi, resourceId: order.id, httpMethod: "GET" };
    expect(create("aws:apigateway/method:Method", method).id).toBe(`agm-${restApi}-${order.id}-GET`);
    expect(create("aws:apigateway/methodResponse:MethodResponse", { ...method, statusCode: "200" }).id).toBe(
      `agmr-${restApi}-${order.id}-GET-200`,
    );
    expect(create("aws:apigateway/stage:Stage", { restApi, stageName: "v1" })).toMatchObject({
      id: `ags-${restApi}-v1`,
      outputs: { invokeUrl: `${ORIGIN}/v1`, executionArn: arn("execute-api", `${restApi}/v1`) },
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["aws:s3/bucket:Bucket", {}, "The local run does not know the resource type"],
    ["aws:apigateway/model:Model", {}, "a model's name is alphanumeric"],
    [
      "aws:apigateway/resource:Resource",
      { parentId: "x", pathPart: "a" },
      "has a parent that is not of this stack",
    ],
    ["aws:kms/alias:Alias", { targetKeyId: "k" }, 'an alias\'s name begins with "alias/"'],
    ["aws:sqs/queuePolicy:QueuePolicy", {}, 'has no "queueUrl"'],
    ["aws:sqs/queue:Queue", { name: 5 }, 'needs a text as "name", not 5'],
  ])("is refused for %s %j", (type, inputs, problem) => {
    expect(() => create(type, inputs)).toThrow(problem);
    expect(() => create(type, inputs)).toThrow(`"thing"`);
  });
});

describe("a provider function", () => {
  test("says account, region and partition", () => {
    const aws = provider();
    expect(aws.invoke("aws:index/getCallerIdentity:getCallerIdentity", {}).accountId).toBe(ACCOUNT);
    expect(aws.invoke("aws:index/getRegion:getRegion", {}).region).toBe(REGION);
    expect(aws.invoke("aws:index/getRegion:getRegion", { region: "us-east-1" }).region).toBe("us-east-1");
    expect(aws.invoke("aws:index/getPartition:getPartition", {}).partition).toBe("aws");
  });

  test("writes a policy document as IAM does", () => {
    const { json, minifiedJson } = provider().invoke("aws:iam/getPolicyDocument:getPolicyDocument", {
      statements: [
        {
          sid: "Send",
          actions: ["sqs:SendMessage"],
          resources: ["q1", "q2"],
          principals: [
            { type: "Service", identifiers: ["sns.amazonaws.com"] },
            { type: "Service", identifiers: ["events.amazonaws.com"] },
          ],
          conditions: [
            { test: "ArnEquals", variable: "aws:SourceArn", values: ["t"] },
            { test: "ArnEquals", variable: "aws:PrincipalArn", values: ["r1", "r2"] },
          ],
        },
        {
          effect: "Deny",
          notActions: ["sqs:*"],
          notResources: ["q3"],
          principals: [{ type: "*", identifiers: ["*"] }],
        },
      ],
    });
    const expected = {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Send",
          Effect: "Allow",
          Action: "sqs:SendMessage",
          Resource: ["q1", "q2"],
          Principal: { Service: ["sns.amazonaws.com", "events.amazonaws.com"] },
          Condition: { ArnEquals: { "aws:SourceArn": "t", "aws:PrincipalArn": ["r1", "r2"] } },
        },
        { Effect: "Deny", NotAction: "sqs:*", Principal: "*", NotResource: "q3" },
      ],
    };
    expect(JSON.parse(String(json))).toEqual(expected);
    expect(JSON.parse(String(minifiedJson))).toEqual(expected);
  });

  test("names an argument that it does not know", () => {
    expect(() =>
      provider().invoke("aws:iam/getPolicyDocument:getPolicyDocument", { sourcePolicyDocuments: ["{}"] }),
    ).toThrow('aws.iam.getPolicyDocument: Unrecognized key: "sourcePolicyDocuments".');
  });

  test("that is unknown is an error which names it", () => {
    expect(() => provider().invoke("aws:ec2/getVpc:getVpc", {})).toThrow('"aws:ec2/getVpc:getVpc"');
  });
});

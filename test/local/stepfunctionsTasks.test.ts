import { AwsError } from "../../local/aws/error";
import { MachineFixture, ROLE_ARN, CATCH_ALL, TOPIC_ARN, publisher } from "./support/stateMachine";

let fixture: MachineFixture | undefined;

async function start(...args: Parameters<typeof MachineFixture.start>): Promise<MachineFixture> {
  return (fixture = await MachineFixture.start(...args));
}

afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

describe("calling a service", () => {
  it("publishes as the machine's role with the evaluated arguments", async () => {
    const machine = await start(publisher());
    await machine.run({ message: "hello" });
    expect(machine.services.sns.calls).toEqual([
      {
        action: "Publish",
        input: { TopicArn: TOPIC_ARN, Message: "hello" },
        caller: { type: "role", roleArn: ROLE_ARN, sessionName: "machine" },
      },
    ]);
  });

  it("sends a message that is JSON as text", async () => {
    const machine = await start(publisher());
    await machine.run({ message: { a: 1 } });
    expect(machine.services.sns.calls[0]?.input.Message).toBe('{"a":1}');
  });

  it("gives the service's answer with what the SDK adds", async () => {
    const machine = await start(publisher());
    machine.services.sns.answer({ MessageId: "m-1" });
    const { output } = await machine.run({ message: "hello" });
    expect(output).toEqual({
      MessageId: "m-1",
      SdkHttpMetadata: {
        AllHttpHeaders: expect.objectContaining({ "Content-Type": ["text/xml"] }),
        HttpHeaders: expect.objectContaining({ "Content-Type": "text/xml", Date: expect.any(String) }),
        HttpStatusCode: 200,
      },
      SdkResponseMetadata: { RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
  });

  it("uses the state's input when there are no arguments", async () => {
    const machine = await start(
      publisher({ Resource: "arn:aws:states:::sqs:sendMessage", Arguments: undefined }),
    );
    await machine.run({ QueueUrl: "http://queue", MessageBody: { a: 1 } });
    expect(machine.services.sqs.calls[0]).toMatchObject({
      action: "SendMessage",
      input: { QueueUrl: "http://queue", MessageBody: '{"a":1}' },
    });
  });

  it.each(["getItem", "putItem", "updateItem", "deleteItem"])("calls DynamoDB's %s", async (resource) => {
    const machine = await start(
      publisher({ Resource: `arn:aws:states:::dynamodb:${resource}`, Arguments: { TableName: "table" } }),
    );
    await machine.run();
    expect(machine.services.dynamodb.calls[0]?.action.toLowerCase()).toBe(resource.toLowerCase());
  });

  it("refuses an evaluated argument that the service does not have", async () => {
    const machine = await start(publisher({ Arguments: "{% $states.input %}", Catch: CATCH_ALL }));
    expect(await machine.run({ Colour: 1 })).toMatchObject({ status: "FAILED", error: "States.Runtime" });
    expect(machine.services.sns.calls).toEqual([]);
  });

  it("shapes its output and its variables from the result", async () => {
    const machine = await start({
      ...publisher({
        End: undefined,
        Next: "Show",
        Output: { id: "{% $states.result.MessageId %}", was: "{% $states.input.message %}" },
        Assign: { code: "{% $states.result.SdkHttpMetadata.HttpStatusCode %}" },
      }),
      Show: { Type: "Pass", Output: { input: "{% $states.input %}", code: "{% $code %}" }, End: true },
    });
    machine.services.sns.answer({ MessageId: "m-1" });
    expect((await machine.run({ message: "hello" })).output).toEqual({
      input: { id: "m-1", was: "hello" },
      code: 200,
    });
  });
});

describe("a service's error", () => {
  it.each([
    ["sns:publish", "sns", "InvalidParameter", "SNS.InvalidParameterException"],
    ["sns:publish", "sns", "AccessDeniedException", "SNS.AuthorizationErrorException"],
    ["sns:publish", "sns", "Throttled", "SNS.AmazonSNSException"],
    ["sqs:sendMessage", "sqs", "AccessDenied", "SQS.AmazonSQSException"],
    [
      "dynamodb:updateItem",
      "dynamodb",
      "ConditionalCheckFailedException",
      "DynamoDB.ConditionalCheckFailedException",
    ],
    ["dynamodb:updateItem", "dynamodb", "ResourceNotFoundException", "DynamoDB.ResourceNotFoundException"],
    ["dynamodb:updateItem", "dynamodb", "ValidationException", "DynamoDB.AmazonDynamoDBException"],
  ] as const)(
    "of %s has the name that Step Functions gives it: %s %s",
    async (resource, service, code, name) => {
      const machine = await start(publisher({ Resource: `arn:aws:states:::${resource}`, Arguments: {} }));
      machine.services[service].answer(new AwsError(code, "Not so", 400));
      const ending = await machine.run();
      expect(ending).toMatchObject({ status: "FAILED", error: name });
      expect(ending.cause).toMatch(
        new RegExp(`^Not so \\(Service: \\w+; Status Code: 400; Error Code: ${code}; Request ID: `),
      );
    },
  );

  it("does not show what went wrong inside the local run", async () => {
    const machine = await start(publisher());
    jest.spyOn(machine.services.sns, "call").mockRejectedValue(new Error("at secret.ts:1"));
    const ending = await machine.run({ message: "x" });
    expect(ending).toMatchObject({ status: "FAILED", error: "SNS.AmazonSNSException" });
    expect(ending.cause).not.toContain("secret");
    expect(machine.faults).toEqual([expect.objectContaining({ message: "at secret.ts:1" })]);
  });
});

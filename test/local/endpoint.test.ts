import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
} from "@aws-sdk/client-dynamodb";
import { QueueDoesNotExist, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import type { AwsApi, AwsApis } from "../../local/aws/api";
import { ADMINISTRATOR, type Caller } from "../../local/aws/caller";
import { AwsError } from "../../local/aws/error";
import { waitFor } from "../support/waitFor";
import { serve, type Served } from "./support/endpoint";

const SIGNED =
  "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20250101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00";
const ROLE: Caller = {
  type: "role",
  roleArn: "arn:aws:iam::123456789012:role/reader",
  sessionName: "reader",
};

let served: Served | undefined;

afterEach(async () => {
  await served?.close();
  served = undefined;
});

function api(call: AwsApi["call"]): AwsApi {
  return { call };
}

async function start(apis: Partial<AwsApis>, callerOf?: (accessKeyId: string | undefined) => Caller) {
  served = await serve(apis, callerOf);
  return served;
}

function post(origin: string, headers: Record<string, string>, body: string) {
  return new Promise<{ status: number | undefined; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const sent = httpRequest(origin, { method: "POST", headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () =>
          resolve({ status: response.statusCode, headers: response.headers, body: text }),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    },
  );
}

const LIST_TABLES = { "x-amz-target": "DynamoDB_20120810.ListTables", authorization: SIGNED };
const tables = api(() => Promise.resolve({ TableNames: ["a-table"] }));

describe("the AWS endpoint", () => {
  it("hands a call of the SDK to its service with the operation and the input", async () => {
    const calls: unknown[] = [];
    const { client } = await start({
      dynamodb: api((action, input) => {
        calls.push([action, input]);
        return Promise.resolve({ Item: { id: { S: "1" } } });
      }),
    });
    const output = await new DynamoDBClient(client).send(
      new GetItemCommand({ TableName: "a-table", Key: { id: { S: "1" } } }),
    );
    expect(output.Item).toEqual({ id: { S: "1" } });
    expect(calls).toEqual([["GetItem", { TableName: "a-table", Key: { id: { S: "1" } } }]]);
  });

  it("tells the caller by the access key id of the signature", async () => {
    const callers: Caller[] = [];
    const { client } = await start(
      {
        dynamodb: api((_action, _input, caller) => {
          callers.push(caller);
          return Promise.resolve({});
        }),
      },
      (accessKeyId) => (accessKeyId === "ASIAREADER" ? ROLE : ADMINISTRATOR),
    );
    const credentials = { accessKeyId: "ASIAREADER", secretAccessKey: "secret", sessionToken: "token" };
    await new DynamoDBClient({ ...client, credentials }).send(new ListTablesCommand({}));
    await new DynamoDBClient(client).send(new ListTablesCommand({}));
    expect(callers).toEqual([ROLE, ADMINISTRATOR]);
  });

  it("answers a service's error so that the SDK throws it with its members", async () => {
    const { client } = await start({
      dynamodb: api(() => {
        const fields = { Item: { id: { S: "kept" } } };
        return Promise.reject(
          new AwsError("ConditionalCheckFailedException", "The condition failed.", 400, fields),
        );
      }),
    });
    const call = new DynamoDBClient(client).send(new ListTablesCommand({}));
    const error = await call.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({ message: "The condition failed.", Item: { id: { S: "kept" } } });
  });

  it("gives the older error code of a service that once spoke the Query protocol", async () => {
    const { client, origin } = await start({
      sqs: api(() => {
        const fields = { queryErrorCode: "AWS.SimpleQueueService.NonExistentQueue" };
        return Promise.reject(new AwsError("QueueDoesNotExist", "There is no such queue.", 400, fields));
      }),
    });
    const call = new SQSClient(client).send(
      new SendMessageCommand({ QueueUrl: `${origin}/123456789012/none`, MessageBody: "x" }),
    );
    await expect(call).rejects.toBeInstanceOf(QueueDoesNotExist);
    const raw = await post(origin, { "x-amz-target": "AmazonSQS.SendMessage", authorization: SIGNED }, "{}");
    expect(raw.headers["x-amzn-query-error"]).toBe("AWS.SimpleQueueService.NonExistentQueue;Sender");
    expect(JSON.parse(raw.body)).toEqual({
      __type: "com.amazonaws.sqs#QueueDoesNotExist",
      message: "There is no such queue.",
    });
  });

  it.each([
    ["an unknown service", "Kinesis_20131202.PutRecord"],
    ["a service that is not hosted", "AWSStepFunctions.StartExecution"],
    ["a name that every object has", "constructor.name"],
    ["no operation at all", ""],
  ])("refuses %s by name", async (_case, target) => {
    const { origin } = await start({ dynamodb: tables });
    const answer = await post(origin, { "x-amz-target": target, authorization: SIGNED }, "{}");
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({
      __type: "UnknownOperationException",
      message: `The operation ${target} is not known here.`,
    });
  });

  it("answers InternalFailure without details for a fault of the local run, and reports it", async () => {
    const fault = new TypeError("secret detail");
    const { origin, faults } = await start({ dynamodb: api(() => Promise.reject(fault)) });
    const answer = await post(origin, LIST_TABLES, "{}");
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body)).toEqual({
      __type: "InternalFailure",
      message: "The local run failed to answer; its own output says why.",
    });
    expect(faults).toEqual([fault]);
  });

  it.each([
    ["not JSON", "{", 400, "SerializationException"],
    ["empty", "", 400, "SerializationException"],
    ["nested a million levels deep", `{"a":${"[".repeat(1_000_000)}`, 400, "SerializationException"],
    ["an array", "[]", 400, "SerializationException"],
    ["larger than 4 MiB", " ".repeat(4 * 1024 * 1024 + 1), 413, "RequestEntityTooLargeException"],
  ])("refuses a body that is %s", async (_case, body, status, code) => {
    const { origin } = await start({ dynamodb: tables });
    const answer = await post(origin, LIST_TABLES, body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ __type: expect.stringContaining(code) as string });
  });

  it("refuses a body that is no UTF-8", async () => {
    const { origin } = await start({ dynamodb: tables });
    const response = await fetch(origin, {
      method: "POST",
      headers: LIST_TABLES,
      body: Buffer.from([0x7b, 0xff]),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: "SerializationException" });
  });

  it("refuses a request that was meant for another host", async () => {
    const { origin } = await start({ dynamodb: tables });
    const rebound = await post(origin, { ...LIST_TABLES, host: "attacker.example:4000" }, "{}");
    const local = await post(origin, { ...LIST_TABLES, host: "localhost:4000" }, "{}");
    expect([rebound.status, local.status]).toEqual([403, 200]);
  });

  it("refuses a request of a web page", async () => {
    const { origin } = await start({ dynamodb: tables });
    const answer = await post(origin, { ...LIST_TABLES, origin: "http://localhost:3000" }, "{}");
    expect(answer.status).toBe(403);
  });

  it("refuses a signature of another kind", async () => {
    const { origin } = await start({ dynamodb: tables });
    const answer = await post(origin, { ...LIST_TABLES, authorization: "Bearer token" }, "{}");
    expect(JSON.parse(answer.body)).toMatchObject({ __type: "IncompleteSignatureException" });
  });

  it("refuses GET", async () => {
    const { origin } = await start({ dynamodb: tables });
    expect((await fetch(origin)).status).toBe(405);
  });

  it("gives DynamoDB's answers the checksum that its clients check", async () => {
    const { origin } = await start({ dynamodb: tables });
    const answer = await post(origin, LIST_TABLES, "{}");
    // CRC-32 of {"TableNames":["a-table"]}, worked out with Python's zlib.
    expect(answer.headers["x-amz-crc32"]).toBe("2027057488");
    expect(answer.headers["x-amzn-requestid"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("tells the service when the client has gone", async () => {
    let signal: AbortSignal | undefined;
    const { origin } = await start({
      dynamodb: api((_action, _input, _caller, given) => {
        signal = given;
        return new Promise(() => undefined);
      }),
    });
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    const head = Object.entries({ host: "localhost", ...LIST_TABLES }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`POST / HTTP/1.1\r\n${head.join("")}content-length: 2\r\n\r\n{}`);
    await waitFor(() => signal !== undefined);
    expect(signal?.aborted).toBe(false);
    socket.destroy();
    await waitFor(() => signal?.aborted);
  });

  it("stays up when a client leaves in the middle of its request", async () => {
    const { origin, faults } = await start({ dynamodb: tables });
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    const head = Object.entries({ host: "localhost", ...LIST_TABLES }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`POST / HTTP/1.1\r\n${head.join("")}content-length: 200\r\n\r\n{`);
    socket.destroy();
    expect((await post(origin, LIST_TABLES, "{}")).status).toBe(200);
    expect(faults).toEqual([]);
  });
});

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ADMINISTRATOR, type Caller } from "../../../local/aws/caller";
import type { AwsDocument } from "../../../local/aws/api";
import type { Authorizer, KeyAuthorizer } from "../../../local/aws/authorizer";
import { Clock } from "../../../local/clock";
import { DynamoDb } from "../../../local/dynamodb/dynamoDb";
import { openStore, type Store } from "../../../local/store";
import { allowAll } from "./authorizer";
import { serve, type Served } from "./endpoint";
import { host, resource } from "./resource";

export const REGION = "eu-central-1";
export const TABLE = "things";
export const TABLE_ARN = `arn:aws:dynamodb:${REGION}:123456789012:table/${TABLE}`;
export const STREAM_ARN = `${TABLE_ARN}/stream/2026-01-01T00:00:00.000`;

/** Partition key `holder`, sort key `id`, both text. */
export const PLAIN_KEY = {
  attributes: [
    { name: "holder", type: "S" },
    { name: "id", type: "S" },
  ],
  hashKey: "holder",
  rangeKey: "id",
};

/** A table as the recorded graph has it. */
export function tableResource(inputs: Readonly<Record<string, unknown>> = {}, name = TABLE) {
  const arn = `arn:aws:dynamodb:${REGION}:123456789012:table/${name}`;
  return resource(
    "aws:dynamodb/table:Table",
    name,
    { name, billingMode: "PAY_PER_REQUEST", ...PLAIN_KEY, ...inputs },
    { arn, ...(inputs.streamEnabled === true && { streamArn: `${arn}/stream/2026-01-01T00:00:00.000` }) },
  );
}

/** A running service with one table, and a client of the AWS SDK for it. */
export interface TestDynamoDb {
  readonly service: DynamoDb;
  readonly client: DynamoDBClient;
  readonly clock: Clock;
  readonly served: Served;
  /** Calls the service in process; for what the SDK would not send. */
  call(action: string, input: AwsDocument, caller?: Caller): Promise<AwsDocument>;
  close(): Promise<void>;
}

export interface TestOptions {
  readonly store?: Store;
  readonly iam?: Authorizer;
  readonly keys?: KeyAuthorizer;
}

export async function startDynamoDb(
  inputs: Readonly<Record<string, unknown>> = {},
  { store = openStore(), iam = allowAll, keys = allowAll }: TestOptions = {},
): Promise<TestDynamoDb> {
  const clock = new Clock();
  const service = new DynamoDb({ store, clock, iam, keys, region: REGION });
  await host(service, tableResource(inputs)).catch((error: unknown) => {
    store.close();
    throw error;
  });
  service.start();
  const served = await serve({ dynamodb: service });
  const client = new DynamoDBClient(served.client);
  return {
    service,
    client,
    clock,
    served,
    call: (action, input, caller = ADMINISTRATOR) => service.call(action, input, caller),
    async close() {
      service.stop();
      clock.stop();
      client.destroy();
      await served.close();
      store.close();
    },
  };
}

import { TransactionCanceledException, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TransactWriteItem, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import type { OrderEvent } from "../contracts/orderEvent";
import { ADMINISTRATOR } from "../local/aws/caller";
import type { AwsDocument } from "../local/aws/api";
import { AwsError } from "../local/aws/error";
import type { Authorizer, KeyAuthorizer } from "../local/aws/authorizer";
import { Clock } from "../local/clock";
import { DynamoDb } from "../local/dynamodb/dynamoDb";
import { openStore } from "../local/store";

const TABLE = "consumed-orders";

const allowAll: Authorizer & KeyAuthorizer = { authorize: () => undefined, authorizeKey: () => undefined };

/** A downstream service's own table, apart from the stack: remembered events, and how often each order had effect. */
export class EffectTable {
  readonly tableName = TABLE;
  private readonly store = openStore();
  private readonly clock = new Clock();
  private readonly dynamodb = new DynamoDb({
    store: this.store,
    clock: this.clock,
    iam: allowAll,
    keys: allowAll,
    region: "eu-west-1",
  });

  constructor() {
    const inputs = {
      attributes: [{ name: "pk", type: "S" }],
      hashKey: "pk",
      billingMode: "PAY_PER_REQUEST",
    };
    this.dynamodb.hosts["aws:dynamodb/table:Table"]({
      urn: `urn:pulumi:proof::proof::aws:dynamodb/table:Table::${TABLE}`,
      type: "aws:dynamodb/table:Table",
      name: TABLE,
      id: TABLE,
      inputs,
      outputs: { ...inputs, name: TABLE, arn: `arn:aws:dynamodb:eu-west-1:123456789012:table/${TABLE}` },
      parent: "",
      dependencies: [],
      propertyDependencies: {},
      protect: false,
    });
  }

  /**
   * A client for the one command that the consumer sends, without a socket between.
   *
   * @param fails whether the next call is refused, or done and its caller not told
   */
  client(fails: () => "refused" | "notTold" | undefined): DynamoDBClient {
    const send = async ({ input }: TransactWriteItemsCommand) => {
      const failure = fails();
      if (failure === "refused") throw new Error("The consumer's table refuses.");
      try {
        await this.dynamodb.call("TransactWriteItems", input as unknown as AwsDocument, ADMINISTRATOR);
      } catch (error) {
        throw error instanceof AwsError ? cancellation(error) : error;
      }
      if (failure === "notTold") throw new Error("The answer of the consumer's table was lost.");
    };
    return { send } as unknown as DynamoDBClient;
  }

  /** What an order does there: counts. A second time would show. */
  effect({ subject, data }: OrderEvent, tableName: string): TransactWriteItem[] {
    return [
      {
        Update: {
          TableName: tableName,
          Key: { pk: { S: `order#${data.customerId}/${subject}` } },
          UpdateExpression: "ADD effects :one",
          ExpressionAttributeValues: { ":one": { N: "1" } },
        },
      },
    ];
  }

  /** The orders that had effect, and how often. */
  async *effects(): AsyncGenerator<{ readonly order: string; readonly count: number }> {
    let ExclusiveStartKey: unknown;
    do {
      const page = await this.dynamodb.call("Scan", { TableName: TABLE, ExclusiveStartKey }, ADMINISTRATOR);
      for (const item of page["Items"] as { pk: { S: string }; effects?: { N: string } }[])
        if (item.effects) yield { order: item.pk.S.slice("order#".length), count: Number(item.effects.N) };
      ExclusiveStartKey = page["LastEvaluatedKey"];
    } while (ExclusiveStartKey !== undefined);
  }

  close(): void {
    this.clock.stop();
    this.store.close();
  }
}

function cancellation(error: AwsError): Error {
  if (error.code !== "TransactionCanceledException") return error;
  const reasons = error.fields["CancellationReasons"] as { Code: string }[];
  return new TransactionCanceledException({
    message: error.message,
    $metadata: {},
    CancellationReasons: reasons,
  });
}

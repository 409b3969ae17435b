import { createHash } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { fromItem, toItem, type PlacedOrder } from "../../../contracts/orderRecord";
import { ok, refusal, type AwsAnswer, type AwsRequest } from "./awsStub";

export const TABLE = "orders-1";

const EXECUTION_ARN = "arn:aws:states:eu-west-1:123456789012:express:deliver-orders-1:x:1";

export type Item = Record<string, AttributeValue>;

interface Query {
  readonly Limit: number;
  readonly ExpressionAttributeValues: Readonly<Record<string, { readonly N: string; readonly S: string }>>;
  readonly ExclusiveStartKey?: { readonly orderId: { readonly S: string } };
}

/** What the reconciler works with: a table and its index of undelivered orders, a state machine, a queue. */
export class UndeliveredTable {
  /** By order id. */
  readonly items = new Map<string, Item>();

  /** Answers as the services do; the suite of the order flow has them refuse and interfere. */
  readonly answer = ({ action, input }: AwsRequest): AwsAnswer => {
    if (action === "Query") return ok({ Items: this.pageOf(input), ...this.nextOf(input) });
    if (action === "BatchGetItem") return ok(responses(this.itemsOf(input)));
    if (action === "UpdateItem") return this.update(input);
    if (action === "StartExecution") return ok({ executionArn: EXECUTION_ARN, startDate: 1_795_000_000 });
    return ok({ MessageId: "1", MD5OfMessageBody: md5(String(input["MessageBody"])) });
  };

  itemsOf(input: unknown): Item[] {
    const { RequestItems } = input as {
      RequestItems: Record<string, { Keys: Record<string, { S: string }>[] }>;
    };
    return (RequestItems[TABLE]?.Keys ?? []).map(({ orderId }) => this.items.get(orderId?.S ?? "") ?? {});
  }

  private shardOf(input: unknown): Item[] {
    const { ExpressionAttributeValues: values } = input as Query;
    return [...this.items.values()]
      .filter(({ undelivered }) => undelivered?.N === values[":shard"]?.N)
      .filter(({ placedAt }) => String(placedAt?.S) <= String(values[":placedBefore"]?.S))
      .sort((a, b) => (String(a["placedAt"]?.S) < String(b["placedAt"]?.S) ? -1 : 1));
  }

  private pageOf(input: unknown): Item[] {
    const { Limit, ExclusiveStartKey: start } = input as Query;
    const shard = this.shardOf(input);
    const from = shard.findIndex(({ orderId }) => orderId?.S === start?.orderId.S) + 1;
    return shard.slice(from, from + Limit).map(({ customerId, orderId, placedAt, undelivered }) => ({
      ...{ customerId, orderId, placedAt, undelivered },
    })) as Item[];
  }

  private nextOf(input: unknown) {
    const last = this.pageOf(input).at(-1);
    return last && last["orderId"]?.S !== this.shardOf(input).at(-1)?.["orderId"]?.S
      ? { LastEvaluatedKey: last }
      : {};
  }

  /** Somebody else changed the order when its `retryAt` is not the one that the condition names. */
  private update(input: unknown): AwsAnswer {
    const {
      Key,
      ExpressionAttributeValues: values,
      UpdateExpression: expression,
    } = input as {
      Key: { orderId: { S: string } };
      ExpressionAttributeValues: Record<string, { S?: string; N?: string }>;
      UpdateExpression: string;
    };
    const item = this.items.get(Key.orderId.S);
    const record = item && fromItem(item);
    if (record?.status !== "PLACED" || record.undelivered === undefined) return refused();
    if (record.delivery.retryAt !== values[":seen"]?.S) return refused(item);
    const { undelivered, ...rest } = record;
    const next: PlacedOrder = expression.includes("REMOVE undelivered")
      ? { ...rest, delivery: { ...record.delivery, status: "FAILED", retryAt: undefined } }
      : {
          ...{ ...rest, undelivered },
          delivery: {
            ...record.delivery,
            reconciliations: Number(values[":reconciliations"]?.N),
            retryAt: values[":retryAt"]?.S,
          },
        };
    this.items.set(Key.orderId.S, toItem(next));
    return ok({ Attributes: toItem(next) });
  }
}

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

export const responses = (found: readonly Item[]) => ({ Responses: { [TABLE]: found } });

/** @param Item what is there instead */
export const refused = (Item?: Item) =>
  refusal("ConditionalCheckFailedException", "The conditional request failed", Item && { Item });

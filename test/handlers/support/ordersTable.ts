import type { toItem } from "../../../contracts/orderRecord";
import { ok, refusal, type AwsAnswer, type AwsRequest } from "./awsStub";

type Item = ReturnType<typeof toItem>;

/** A table that answers conditional puts as DynamoDB does: the first under a key stays. */
export class OrdersTable {
  readonly items = new Map<string, Item>();

  readonly answer = ({ input }: AwsRequest): AwsAnswer => {
    const item = input["Item"] as Item;
    const key = JSON.stringify([item["customerId"], item["orderId"]]);
    const existing = this.items.get(key);
    if (existing !== undefined)
      return refusal("ConditionalCheckFailedException", "The conditional request failed", { Item: existing });
    this.items.set(key, item);
    return ok({});
  };
}

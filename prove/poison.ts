import { ORDER_MESSAGE_ATTRIBUTES } from "../contracts/orderMessage";
import type { Ledger } from "./ledger";
import type { World } from "./world";

const CUSTOMER = {
  [ORDER_MESSAGE_ATTRIBUTES.customerId]: { DataType: "String", StringValue: "customer-0" },
};

/** Messages that are no orders, each wrong in its own way. */
const POISON: readonly { readonly MessageBody: string; readonly MessageAttributes?: typeof CUSTOMER }[] = [
  { MessageBody: "not JSON", MessageAttributes: CUSTOMER },
  { MessageBody: '{"no":"order"}', MessageAttributes: CUSTOMER },
  { MessageBody: "[]", MessageAttributes: CUSTOMER },
  { MessageBody: '{"orderId":"0193a2f0-6c1e-7d52-9a4f-0b1c2d3e4f50"}' },
];

/** Puts messages on the order queue that no function can store, as a faulty producer beside the API would. */
export async function putPoison(world: World, ledger: Ledger, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const poison = POISON[index % POISON.length];
    const { MessageId } = await world.call("sqs", "SendMessage", {
      QueueUrl: world.outputs.ordersQueueUrl,
      ...poison,
    });
    ledger.poisoned(String(MessageId));
  }
}

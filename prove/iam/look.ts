import { fromItem, toItem, type PlacedOrder } from "../../contracts/orderRecord";
import { CUSTOMER, type ExercisedStack } from "./exercisedStack";

/** What an administrator sees of the stack. */
export class Look {
  constructor(private readonly stack: ExercisedStack) {}

  async order(orderId: string): Promise<PlacedOrder | undefined> {
    const TableName = this.stack.outputs.ordersTableName;
    const Key = { customerId: { S: CUSTOMER }, orderId: { S: orderId } };
    const { Item } = await this.stack.call("dynamodb", "GetItem", { TableName, Key });
    const found = Item === undefined ? undefined : fromItem(Item as Parameters<typeof fromItem>[0]);
    return found?.status === "PLACED" ? found : undefined;
  }

  async hasDelivery(
    { orderId }: { readonly orderId: string },
    status: PlacedOrder["delivery"]["status"],
  ): Promise<boolean> {
    return (await this.order(orderId))?.delivery.status === status;
  }

  async store(order: PlacedOrder): Promise<void> {
    const TableName = this.stack.outputs.ordersTableName;
    await this.stack.call("dynamodb", "PutItem", { TableName, Item: toItem(order) });
  }

  /** Whether a message is on a queue or in somebody's hands. */
  async hasMessages(QueueUrl: string): Promise<boolean> {
    const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
    const { Attributes } = await this.stack.call("sqs", "GetQueueAttributes", { QueueUrl, AttributeNames });
    return Object.values(Attributes as Record<string, string>).some((count) => Number(count) > 0);
  }

  /** The same of a dead-letter or failure queue. @param queue its name among the stack's outputs */
  hasFailures(queue: string): Promise<boolean> {
    return this.hasMessages(this.stack.outputs.deadLetterQueueUrls[queue] ?? "");
  }

  /** How many messages a topic has taken. */
  async publications(topic: string): Promise<number> {
    const { Datapoints } = await this.stack.call("cloudwatch", "GetMetricStatistics", {
      ...{ Namespace: "AWS/SNS", MetricName: "NumberOfMessagesPublished", Period: 60, Statistics: ["Sum"] },
      Dimensions: [{ Name: "TopicName", Value: this.stack.nameOf("aws:sns/topic:Topic", topic) }],
      ...{ StartTime: 0, EndTime: this.stack.now() / 1_000 + 60 },
    });
    return (Datapoints as { Sum: number }[]).reduce((sum, { Sum }) => sum + Sum, 0);
  }

  async isLogged(group: string): Promise<boolean> {
    const logGroupName = this.stack.nameOf("aws:cloudwatch/logGroup:LogGroup", group);
    const { events } = await this.stack.call("logs", "FilterLogEvents", { logGroupName, limit: 1 });
    return (events as unknown[]).length > 0;
  }
}

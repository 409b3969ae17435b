import type { AwsApi, AwsDocument } from "../aws/api";
import type { Authorizer, KeyAuthorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { optionalString } from "../aws/document";
import { AwsError } from "../aws/error";
import type { Resource, ResourceHost } from "../aws/resource";
import type { MetricStore } from "../cloudwatch/metricStore";
import type { Clock } from "../clock";
import type { Store } from "../store";
import { Administration } from "./administration";
import { unsupportedOperation } from "./errors";
import { MessageStore } from "./messageStore";
import { MoveTasks } from "./moveTasks";
import { QueuePermissions } from "./permissions";
import { QueueMetrics } from "./queueMetrics";
import { type Queue, Queues } from "./queues";
import { Receiving } from "./receiving";
import { queueHosts } from "./resources";
import { Sending } from "./sending";

/** What SQS needs from the run. */
export interface SqsDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly iam: Authorizer;
  readonly keys: KeyAuthorizer;
  readonly metrics: MetricStore;
}

type Answer = AwsDocument | Promise<AwsDocument>;
type QueueAction = (queue: Queue, input: AwsDocument, caller: Caller, signal?: AbortSignal) => Answer;
type AccountAction = (input: AwsDocument, caller: Caller) => Answer;

/** Actions that would change which queues there are, or that are about tags and grants. */
const REFUSED = [
  "AddPermission",
  "CreateQueue",
  "DeleteQueue",
  "ListQueueTags",
  "RemovePermission",
  "TagQueue",
  "UntagQueue",
];

/**
 * Amazon SQS: the standard queues of the stack, with their messages in the store. Queues come from the stack's program
 * alone; a message, its receives and its visibility timeout survive a killed run when the store does.
 */
export class Sqs implements AwsApi, ResourceHost {
  readonly hosts: Readonly<Record<string, (resource: Resource) => void>>;
  private readonly queues: Queues;
  private readonly metrics: QueueMetrics;
  private readonly administration: Administration;
  private readonly moveTasks: MoveTasks;
  private readonly queueActions: ReadonlyMap<string, QueueAction>;
  private readonly accountActions: ReadonlyMap<string, AccountAction>;

  constructor({ store, clock, iam, keys, metrics }: SqsDependencies) {
    const messages = new MessageStore(store);
    const permissions = new QueuePermissions(iam, keys);
    this.queues = new Queues({ store, clock, messages });
    this.metrics = new QueueMetrics(metrics, clock, this.queues, messages);
    this.hosts = queueHosts(this.queues);
    const sending = new Sending(clock, messages, permissions);
    const receiving = new Receiving(clock, this.queues, messages, permissions);
    const administration = new Administration(clock, this.queues, messages, permissions);
    const moveTasks = new MoveTasks(store, clock, this.queues, messages, permissions);
    this.administration = administration;
    this.moveTasks = moveTasks;
    this.queueActions = new Map<string, QueueAction>([
      ["ChangeMessageVisibility", receiving.changeMessageVisibility.bind(receiving)],
      ["ChangeMessageVisibilityBatch", receiving.changeMessageVisibilityBatch.bind(receiving)],
      ["DeleteMessage", receiving.deleteMessage.bind(receiving)],
      ["DeleteMessageBatch", receiving.deleteMessageBatch.bind(receiving)],
      ["GetQueueAttributes", administration.getQueueAttributes.bind(administration)],
      ["ListDeadLetterSourceQueues", administration.listDeadLetterSourceQueues.bind(administration)],
      ["PurgeQueue", administration.purgeQueue.bind(administration)],
      ["ReceiveMessage", receiving.receiveMessage.bind(receiving)],
      ["SendMessage", sending.sendMessage.bind(sending)],
      ["SendMessageBatch", sending.sendMessageBatch.bind(sending)],
      ["SetQueueAttributes", administration.setQueueAttributes.bind(administration)],
    ]);
    this.accountActions = new Map<string, AccountAction>([
      ["CancelMessageMoveTask", moveTasks.cancelMessageMoveTask.bind(moveTasks)],
      ["GetQueueUrl", administration.getQueueUrl.bind(administration)],
      ["ListMessageMoveTasks", moveTasks.listMessageMoveTasks.bind(moveTasks)],
      ["ListQueues", administration.listQueues.bind(administration)],
      ["StartMessageMoveTask", moveTasks.startMessageMoveTask.bind(moveTasks)],
    ]);
  }

  async call(action: string, input: AwsDocument, caller: Caller, signal?: AbortSignal): Promise<AwsDocument> {
    const onQueue = this.queueActions.get(action);
    if (onQueue !== undefined) {
      const queue = this.queues.withUrl(optionalString(input, "QueueUrl"));
      const answer = await onQueue(queue, input, caller, signal);
      this.metrics.count(queue, action, answer);
      return answer;
    }
    const onAccount = this.accountActions.get(action);
    if (onAccount !== undefined) return onAccount(input, caller);
    if (REFUSED.includes(action))
      throw unsupportedOperation(`${action} is not served here: the stack's program defines the queues.`);
    throw new AwsError("InvalidAction", `The action ${action} is not valid for this endpoint.`);
  }

  /** Adds the measured metrics of every queue, such as how many messages wait, as values of a moment. */
  measure(at: number): void {
    this.metrics.measure(at);
  }

  /** @throws Error that names the queue when a redrive policy leads to no queue, or to one that refuses it */
  start(): void {
    for (const queue of this.queues.all()) {
      const target = queue.settings.redrivePolicy?.deadLetterTargetArn;
      if (target !== undefined) this.checkRedrive(queue, target);
    }
    this.moveTasks.resume();
  }

  stop(): void {
    this.moveTasks.stop();
    for (const queue of this.queues.all()) queue.pollers.stop();
  }

  private checkRedrive(queue: Queue, target: string): void {
    try {
      this.administration.checkDeadLetterQueue(queue, target);
    } catch (error) {
      throw new Error(`The redrive policy of queue "${queue.name}": ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

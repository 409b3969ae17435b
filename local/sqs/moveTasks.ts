import { randomUUID } from "node:crypto";
import type { AwsDocument } from "../aws/api";
import type { Caller } from "../aws/caller";
import { optionalInteger, optionalString } from "../aws/document";
import type { Cancel, Clock } from "../clock";
import { invalidParameter, invalidValue, missingParameter, resourceNotFound } from "./errors";
import type { MessageStore, StoredMessage } from "./messageStore";
import { type MoveTask, MoveTaskStore } from "./moveTaskStore";
import type { QueuePermissions } from "./permissions";
import type { Queue, Queues } from "./queues";
import type { Store } from "../store";

const FASTEST_PER_SECOND = 500;
/** What a step of a task without a rate moves, so that other calls are answered in between. */
const STEP = 100;
/** Several slow steps a second rather than one large one. */
const STEP_INTERVAL_MS = 100;

interface Running {
  readonly task: MoveTask;
  moved: number;
  cancelStep: Cancel;
}

/**
 * The dead-letter queue redrive: StartMessageMoveTask and its companions. A message that is moved is new to its
 * queue: it gets a new id and a new enqueue time (SQS Developer Guide, "Configure a dead-letter queue redrive").
 */
export class MoveTasks {
  private readonly tasks: MoveTaskStore;
  private readonly running = new Map<string, Running>();

  constructor(
    store: Store,
    private readonly clock: Clock,
    private readonly queues: Queues,
    private readonly messages: MessageStore,
    private readonly permissions: QueuePermissions,
  ) {
    this.tasks = new MoveTaskStore(store);
  }

  /** Goes on with the tasks of an earlier run that was killed. */
  resume(): void {
    for (const task of this.tasks.running()) this.run(task);
  }

  stop(): void {
    for (const { cancelStep } of this.running.values()) cancelStep();
    this.running.clear();
  }

  startMessageMoveTask(input: AwsDocument, caller: Caller): AwsDocument {
    const source = this.queueOf(input, "SourceArn");
    if (source === undefined) throw missingParameter("SourceArn");
    const destination = this.queueOf(input, "DestinationArn");
    this.checkPermissions(caller, source, destination);
    if (this.queues.sourcesOf(source).length === 0)
      throw invalidParameter("Source queue must be configured as a Dead Letter Queue.");
    if (this.tasks.latest(source.arn, 1)[0]?.status === "RUNNING")
      throw invalidParameter(
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
      );
    const task: MoveTask = {
      id: randomUUID(),
      source_arn: source.arn,
      destination_arn: destination?.arn ?? null,
      messages_per_second: readRate(input),
      status: "RUNNING",
      moved: 0,
      to_move: this.messages.count(source.name, this.clock.now(), this.queues.cutoff(source)).visible,
      failure_reason: null,
      started_at: this.clock.now(),
    };
    this.tasks.add(task);
    this.run(task);
    return { TaskHandle: formatHandle(task) };
  }

  listMessageMoveTasks(input: AwsDocument, caller: Caller): AwsDocument {
    const source = this.queueOf(input, "SourceArn");
    if (source === undefined) throw missingParameter("SourceArn");
    this.permissions.check(caller, "ListMessageMoveTasks", source);
    const atMost = optionalInteger(input, "MaxResults") ?? 1;
    if (atMost < 1 || atMost > 10)
      throw invalidValue("MaxResults", atMost, "Must be between 1 and 10, if provided.");
    return { Results: this.tasks.latest(source.arn, atMost).map((task) => this.present(task)) };
  }

  cancelMessageMoveTask(input: AwsDocument, caller: Caller): AwsDocument {
    const { id, sourceArn } = parseHandle(optionalString(input, "TaskHandle"));
    const source = this.queues.withArn(sourceArn);
    if (source === undefined)
      throw resourceNotFound("The resource that you specified for the SourceArn parameter doesn't exist.");
    this.permissions.check(caller, "CancelMessageMoveTask", source);
    const task = this.tasks.get(id);
    if (task === undefined) throw resourceNotFound("Task does not exist.");
    const running = this.running.get(id);
    if (running === undefined) throw invalidParameter("Only active tasks can be cancelled.");
    this.finish(running, "CANCELLED");
    return { ApproximateNumberOfMessagesMoved: running.moved };
  }

  private queueOf(input: AwsDocument, member: string): Queue | undefined {
    const arn = optionalString(input, member);
    if (arn === undefined) return undefined;
    const queue = this.queues.withArn(arn);
    if (queue === undefined)
      throw resourceNotFound(`The resource that you specified for the ${member} parameter doesn't exist.`);
    return queue;
  }

  /** A redrive reads and deletes from the one queue and sends to the others, with the caller's own permissions. */
  private checkPermissions(caller: Caller, source: Queue, destination: Queue | undefined): void {
    for (const action of ["StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"])
      this.permissions.check(caller, action, source);
    this.permissions.checkReceivingKey(caller, source);
    for (const target of destination ? [destination] : this.queues.sourcesOf(source)) {
      this.permissions.check(caller, "SendMessage", target);
      this.permissions.checkSendingKey(caller, target);
    }
  }

  private run(task: MoveTask): void {
    const running: Running = { task, moved: task.moved, cancelStep: () => undefined };
    this.running.set(task.id, running);
    this.scheduleStep(running, 0);
  }

  private scheduleStep(running: Running, delayMs: number): void {
    running.cancelStep = this.clock.after(delayMs, () => this.step(running));
  }

  /** Moves some messages, and plans the next step so that the rate holds. */
  private step(running: Running): void {
    const { task } = running;
    const source = this.queues.withArn(task.source_arn);
    if (source === undefined)
      return this.finish(running, "FAILED", "AWS.SimpleQueueService.NonExistentQueue");
    const rate = task.messages_per_second;
    const wanted = rate === null ? STEP : Math.max(1, Math.floor((rate * STEP_INTERVAL_MS) / 1000));
    const now = this.clock.now();
    const found = this.messages.visible(source.name, now, this.queues.cutoff(source), wanted);
    const failure = this.messages.transaction(() => this.moveAll(running, source, found, now));
    if (failure !== undefined) return this.finish(running, "FAILED", failure);
    if (found.length < wanted) return this.finish(running, "COMPLETED");
    this.scheduleStep(running, rate === null ? 0 : (wanted * 1000) / rate);
  }

  /** @returns why the task cannot go on, if so */
  private moveAll(
    running: Running,
    source: Queue,
    found: readonly StoredMessage[],
    now: number,
  ): string | undefined {
    for (const message of found) {
      const target = this.destinationOf(running.task, source, message);
      if (target === undefined) return "CouldNotDetermineMessageSource";
      this.messages.remove(message.seq);
      this.messages.add({
        ...message,
        queue: target.name,
        message_id: randomUUID(),
        sent_at: now,
        visible_at: now,
      });
      running.moved++;
      target.pollers.wake();
    }
    this.tasks.update(running.task.id, "RUNNING", running.moved, null);
    return undefined;
  }

  private destinationOf(task: MoveTask, source: Queue, message: StoredMessage): Queue | undefined {
    const arn = task.destination_arn ?? message.source;
    const target = arn === null ? undefined : this.queues.withArn(arn);
    return target === source ? undefined : target;
  }

  private finish(running: Running, status: "COMPLETED" | "CANCELLED" | "FAILED", reason?: string): void {
    running.cancelStep();
    this.running.delete(running.task.id);
    this.tasks.update(running.task.id, status, running.moved, reason ?? null);
  }

  private present(task: MoveTask): AwsDocument {
    return {
      ...(task.status === "RUNNING" && { TaskHandle: formatHandle(task) }),
      Status: task.status,
      SourceArn: task.source_arn,
      ...(task.destination_arn !== null && { DestinationArn: task.destination_arn }),
      ...(task.messages_per_second !== null && { MaxNumberOfMessagesPerSecond: task.messages_per_second }),
      ApproximateNumberOfMessagesMoved: task.moved,
      ApproximateNumberOfMessagesToMove: task.to_move,
      ...(task.failure_reason !== null && { FailureReason: task.failure_reason }),
      StartedTimestamp: task.started_at,
    };
  }
}

function readRate(input: AwsDocument): number | null {
  const rate = optionalInteger(input, "MaxNumberOfMessagesPerSecond") ?? null;
  if (rate !== null && (rate < 1 || rate > FASTEST_PER_SECOND))
    throw invalidValue("MaxNumberOfMessagesPerSecond", rate, `Must be between 1 and ${FASTEST_PER_SECOND}.`);
  return rate;
}

function formatHandle(task: MoveTask): string {
  return Buffer.from(JSON.stringify({ taskId: task.id, sourceArn: task.source_arn })).toString("base64");
}

function parseHandle(handle: string | undefined): { readonly id: string; readonly sourceArn: string } {
  if (!handle) throw missingParameter("TaskHandle");
  try {
    const parsed: unknown = JSON.parse(Buffer.from(handle, "base64").toString());
    const { taskId, sourceArn } = parsed as Record<string, unknown>;
    if (typeof taskId === "string" && typeof sourceArn === "string") return { id: taskId, sourceArn };
  } catch {
    // Falls through to the refusal: a handle that is no JSON is as invalid as one with other members.
  }
  throw invalidParameter("Value for parameter TaskHandle is invalid.");
}

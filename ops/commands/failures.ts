import { CommandError, EXIT, type Terminal } from "../../tools/command";
import { readFailureQueue, readFailures, type FailureQueue } from "../failures";
import type { FailedMessage } from "../failures/failedMessage";
import type { CommonOptions } from "../opsCommand";
import { failureQueuesOf, type QueueName } from "../queues";
import type { Stack } from "../target";
import { withoutPersonalData } from "./privacy";
import { age, plural, table, toJson, type Column } from "./text";

export interface FailuresOptions extends CommonOptions {
  readonly queue?: string;
  readonly limit: number;
  readonly verbose?: true;
}

const COLUMNS: readonly Column[] = [
  { title: "QUEUE" },
  { title: "ORDER" },
  { title: "AGE", align: "right" },
  { title: "REASON" },
];

/** `ops failures` */
export async function failures(
  stack: Stack,
  options: FailuresOptions,
  { stdout, signal }: Terminal,
): Promise<number> {
  const reading = { limit: options.limit, thorough: true, signal };
  const queues =
    options.queue === undefined
      ? await readFailures(stack, reading)
      : [await readFailureQueue(stack, failureQueue(stack, options.queue), reading)];
  if (options.json) {
    stdout.write(toJson({ queues: options.verbose ? queues : withoutPersonalData(queues) }));
    return EXIT.done;
  }
  const messages = queues.flatMap((queue) => queue.messages);
  if (messages.length > 0) stdout.write(table(COLUMNS, messages.map(failureRow)));
  stdout.write(`${footer(queues, messages)}\n`);
  if (options.verbose)
    for (const { queue, messageId, message } of messages)
      stdout.write(`${queue} ${messageId}: ${message.Body ?? ""}\n`);
  return EXIT.done;
}

/** @throws CommandError when the stack has no such queue */
export function failureQueue(stack: Stack, name: string): QueueName {
  const queues = failureQueuesOf(stack);
  const found = queues.find((queue) => queue.name === name);
  if (found) return found;
  const names = queues.map((queue) => queue.name).join(", ");
  throw new CommandError(`There is no dead-letter or failure queue "${name}". There are: ${names}`);
}

/** The orders that a message is about, in a table. */
export function ordersText({ orders }: FailedMessage): string {
  const [first, ...others] = orders.map(({ orderId }) => orderId);
  if (first === undefined) return "(unknown)";
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function failureRow(message: FailedMessage): string[] {
  const { queue, sentAt, reason, obstacle } = message;
  return [
    queue,
    ordersText(message),
    age(Date.now() - sentAt),
    obstacle === undefined ? reason : `${reason} (${obstacle})`,
  ];
}

function footer(queues: readonly FailureQueue[], messages: readonly FailedMessage[]): string {
  const partly = queues.filter(({ more }) => more).map(({ queue }) => queue);
  const note = `There may be more in ${partly.join(", ")}: beyond --limit, or being read by somebody else just now.`;
  return `${plural(messages.length, "message")} in ${plural(queues.length, "failure queue")}.${partly.length > 0 ? ` ${note}` : ""}`;
}

import { SingleBar } from "cli-progress";
import { join } from "node:path";
import { CommandError, EXIT, type Terminal } from "../../tools/command";
import type { CommonOptions } from "../opsCommand";
import { AuditLog } from "../redrive/audit";
import { CarryOut, type Result } from "../redrive/carryOut";
import { moveQueue } from "../redrive/moveTask";
import { ordersOf, planRedrive, type Plan } from "../redrive/plan";
import type { Stack } from "../target";
import { findOrders } from "../orders";
import { failureQueue } from "./failures";
import { standing } from "./orders";
import { withoutPersonalData } from "./privacy";
import { planText, resultText } from "./redriveText";
import { toJson } from "./text";

export interface RedriveOptions extends CommonOptions {
  readonly queue?: string;
  readonly order?: string;
  readonly reason?: string;
  readonly yes?: true;
  readonly rate: number;
  readonly limit: number;
  readonly force?: true;
  readonly audit?: string;
}

/** Of the project's folder. */
const AUDIT_FILE = join(".local", "redrive.jsonl");

/** `ops redrive` */
export async function redrive(stack: Stack, options: RedriveOptions, terminal: Terminal): Promise<number> {
  const { stdout, stderr, signal } = terminal;
  const { queue, order, reason } = options;
  if (queue === undefined && order === undefined && reason === undefined)
    throw new CommandError(
      "Say what to redrive: a queue, --order or --reason. See what there is with: failures",
    );
  const plan = await planRedrive(
    stack,
    { queue: queue === undefined ? undefined : failureQueue(stack, queue), orderId: order, reason },
    { limit: options.limit, force: options.force === true, signal },
  );
  if (order !== undefined && plan.steps.length + plan.skipped.length === 0)
    return nothingToDo(stack, order, options, terminal);
  if (!options.yes) {
    stdout.write(
      options.json ? toJson({ dryRun: true, plan: withoutPersonalData(plan) }) : planText(plan, "dry run"),
    );
    return EXIT.done;
  }
  if (!options.json) stdout.write(planText(plan, "doing"));
  const result: Result = { done: 0, failed: [], unneeded: [] };
  try {
    await doPlan(stack, plan, options, terminal, result);
  } finally {
    stdout.write(
      options.json
        ? toJson({ dryRun: false, plan: withoutPersonalData(plan), result: withoutPersonalData(result) })
        : resultText(plan, result, signal.aborted),
    );
  }
  if (signal.aborted) {
    stderr.write("Interrupted. What was not done stays where it is: run the command again to finish.\n");
    return EXIT.interrupted;
  }
  return result.failed.length > 0 ? EXIT.notDelivered : EXIT.done;
}

/** An order that nothing can be done about: says why. */
async function nothingToDo(
  stack: Stack,
  orderId: string,
  { json }: RedriveOptions,
  { stdout, stderr }: Terminal,
): Promise<number> {
  const records = await findOrders(stack, orderId);
  if (records.length === 0) {
    stderr.write(`There is no order ${orderId}: it is not stored, and no failure queue has it.\n`);
    return EXIT.notFound;
  }
  const standings = records.map(standing).join(", ");
  stdout.write(
    json
      ? toJson({ plan: { steps: [], skipped: [] }, standings })
      : `There is nothing to redrive: the order is ${standings}.\n`,
  );
  return EXIT.done;
}

/** @param result is told what has been done, however this ends */
async function doPlan(
  stack: Stack,
  plan: Plan,
  options: RedriveOptions,
  terminal: Terminal,
  result: Result,
): Promise<void> {
  if (plan.steps.length === 0) return;
  const { signal, projectRoot, stderr } = terminal;
  const audit = await AuditLog.open(options.audit ?? join(projectRoot, AUDIT_FILE), stack);
  const bar = new SingleBar({
    format: "{bar} {value}/{total}",
    stream: stderr,
    // Ctrl-C is this command's own affair.
    gracefulExit: false,
    stopOnComplete: false,
  });
  bar.start(plan.steps.length, 0);
  try {
    if (plan.moveQueue)
      await moveWhole(stack, plan, options.rate, audit, signal, result, (count) => bar.update(count));
    else {
      const carryOut = new CarryOut(
        stack,
        {
          rate: options.rate,
          force: options.force === true,
          audit,
          signal,
          onStep: () => bar.increment(),
        },
        result,
      );
      await carryOut.run(plan.steps);
    }
  } finally {
    bar.stop();
  }
}

async function moveWhole(
  stack: Stack,
  { moveQueue: queue, steps }: Plan,
  rate: number,
  audit: AuditLog,
  signal: AbortSignal,
  result: Result,
  onMoved: (count: number) => void,
): Promise<void> {
  if (!queue) return;
  // SQS tells how many it has moved, not which: these are the ones that were there.
  for (const step of steps)
    if (step.action === "send")
      audit.write({
        action: "moved",
        queue: queue.name,
        messageId: step.message.messageId,
        orderIds: ordersOf(step).map(({ orderId }) => orderId),
        target: step.to,
      });
  const moved = await moveQueue(stack, queue, rate, signal, onMoved);
  result.done = moved.count;
  if (moved.status === "FAILED" && steps[0])
    result.failed.push({ step: steps[0], error: `SQS could not move the queue: ${moved.reason}` });
}

import { ordersOf, type Plan, type Skipped, type Step } from "../redrive/plan";
import type { Result } from "../redrive/carryOut";
import { ordersText } from "./failures";
import { cell, plural, table, type Column } from "./text";

const COLUMNS: readonly Column[] = [
  { title: "FROM" },
  { title: "ORDER" },
  { title: "WHAT" },
  { title: "REASON" },
];

/** What is to be done, and what is left as it is. */
export function planText(plan: Plan, mode: "dry run" | "doing"): string {
  const { steps, skipped, moveQueue, more } = plan;
  const rows = [...steps.map(stepRow), ...skipped.map(skippedRow)];
  const lines = rows.length > 0 ? [table(COLUMNS, rows)] : [];
  if (moveQueue)
    lines.push(`SQS moves the whole queue ${moveQueue.name} by itself (StartMessageMoveTask).\n`);
  if (more) lines.push("There may be more: beyond --limit, or being read by somebody else just now.\n");
  if (steps.length === 0)
    lines.push(
      skipped.length > 0
        ? "Nothing can be redriven; --force sends even what makes no sense to send.\n"
        : "There is nothing to redrive.\n",
    );
  else if (mode === "dry run")
    lines.push(`Dry run: nothing was done. --yes does ${plural(steps.length, "step")}.\n`);
  return lines.join("");
}

const ACTIONS: Readonly<Record<Step["action"], string>> = {
  send: "send again",
  startOrders: "start deliveries",
  drop: "drop the message",
  start: "start delivery",
};

function stepRow(step: Step): string[] {
  if (step.action === "start") {
    const { orderId, delivery } = step.record;
    return [
      "deliveries",
      orderId,
      `${ACTIONS.start} ${delivery.attempts + 1}`,
      step.again
        ? "delivered already: consumers get the event twice"
        : (delivery.lastError ?? "not started yet"),
    ];
  }
  const { reason, obstacle } = step.message;
  const why = step.action === "drop" && obstacle !== undefined ? `${reason} (${obstacle})` : reason;
  return [step.queue.name, ordersText(step.message), ACTIONS[step.action], why];
}

function skippedRow({ subject, why }: Skipped): string[] {
  if ("messageId" in subject) return [subject.queue, ordersText(subject), `left: ${why}`, subject.reason];
  return ["deliveries", subject.orderId, `left: ${why}`, ""];
}

/** What was done. */
export function resultText(
  { steps }: Plan,
  { done, failed, unneeded }: Result,
  interrupted: boolean,
): string {
  if (steps.length === 0) return "";
  const lines = [
    ...unneeded.map(({ orderId, why }) => `order ${orderId}: not started, ${why}`),
    ...failed.map(({ step, error }) => `${subjectOf(step)}: ${cell(error)}`),
    `${done} of ${plural(steps.length, "step")} done${failed.length > 0 ? `, ${failed.length} failed: run the command again to finish` : ""}${interrupted ? ", then interrupted" : ""}.`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function subjectOf(step: Step): string {
  const [first] = ordersOf(step);
  const order = first === undefined ? "" : `order ${first.orderId}`;
  return step.action === "start" ? order : `message ${step.message.messageId}${order && ` (${order})`}`;
}

import { EXIT, type Terminal } from "../../tools/command";
import type { CommonOptions } from "../opsCommand";
import {
  countOrders,
  readAlarms,
  readDepths,
  readOldestAges,
  readTableSize,
  readUndelivered,
  type Alarm,
  type OrderCounts,
  type TableSize,
  type Undelivered,
} from "../status";
import type { QueueDepth } from "../queues";
import type { Stack } from "../target";
import { age, cell, plural, table, toJson, type Column } from "./text";

export interface StatusOptions extends CommonOptions {
  readonly count?: true;
  readonly scanLimit: number;
}

/** What could not be read, with the reason in place of it. */
interface Unavailable {
  readonly unavailable: string;
}

interface Status {
  readonly table: TableSize | Unavailable;
  readonly undelivered: Undelivered;
  readonly counts?: OrderCounts;
  readonly queues: readonly (QueueDepth & { readonly oldestSeconds?: number | undefined })[];
  readonly oldestAges: "known" | Unavailable;
  readonly alarms: readonly Alarm[] | Unavailable;
}

/** `ops status` */
export async function status(
  stack: Stack,
  options: StatusOptions,
  { stdout, signal }: Terminal,
): Promise<number> {
  const [undelivered, depths, size, ages, alarms, counts] = await Promise.all([
    readUndelivered(stack),
    readDepths(stack),
    orUnavailable(readTableSize(stack)),
    orUnavailable(readOldestAges(stack)),
    orUnavailable(readAlarms(stack)),
    options.count && countOrders(stack, options.scanLimit, signal),
  ]);
  const known = ages instanceof Map ? ages : undefined;
  const result: Status = {
    table: size,
    undelivered,
    ...(counts && { counts }),
    queues: depths.map((depth) => ({ ...depth, oldestSeconds: known?.get(depth.url) })),
    oldestAges: "unavailable" in ages ? ages : "known",
    alarms,
  };
  stdout.write(options.json ? toJson(result) : statusText(stack, result));
  return EXIT.done;
}

/** The screen shows the rest without what an operator's credentials or the stack do not give. */
async function orUnavailable<T extends object>(reading: Promise<T>): Promise<T | Unavailable> {
  try {
    return await reading;
  } catch (error) {
    return { unavailable: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

function statusText(stack: Stack, result: Status): string {
  return [
    `${stack.name}, ${stack.region}\n`,
    ordersText(result),
    queuesText(result),
    alarmsText(result.alarms),
  ].join("\n");
}

function ordersText({ undelivered, counts, queues, table: size }: Status): string {
  const { count, more, overdue, oldestPlacedAt } = undelivered;
  const waiting =
    oldestPlacedAt === undefined ? "" : `, the oldest for ${age(Date.now() - Date.parse(oldestPlacedAt))}`;
  const late = overdue === 0 ? "" : `; ${overdue} for longer than a delivery takes: see orders --undelivered`;
  const lines = [`Undelivered orders: ${more ? "more than " : ""}${count}${waiting}${late}`];
  const givenUp = queues.find(({ name }) => name === "deliveryFailures")?.visible ?? 0;
  if (givenUp > 0)
    lines.push(`Given up: ${plural(givenUp, "order")}; redrive deliveryFailures starts them again`);
  if (counts) {
    const parts = Object.entries(counts.byStanding)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([standing, orders]) => `${standing} ${orders}`);
    lines.push(
      `Orders: ${parts.join(", ") || "none"}${counts.more ? ` (of ${counts.scanned} looked at; the table has more)` : ""}`,
    );
  } else if ("unavailable" in size) lines.push(`Orders: unknown (${cell(size.unavailable)})`);
  else
    lines.push(
      `Orders: about ${size.approximateOrders} in all, some hours ago (--count counts them by status)`,
    );
  return `${lines.join("\n")}\n`;
}

const QUEUE_COLUMNS: readonly Column[] = [
  { title: "QUEUE" },
  { title: "KIND" },
  { title: "WAITING", align: "right" },
  { title: "IN FLIGHT", align: "right" },
  { title: "OLDEST", align: "right" },
];

const KINDS = { orders: "order queue", downstream: "downstream queue", failure: "failure queue" } as const;

function queuesText({ queues, oldestAges }: Status): string {
  const rows = queues.map(({ name, role, visible, inFlight, oldestSeconds }) => [
    name,
    KINDS[role],
    String(visible),
    String(inFlight),
    oldestSeconds === undefined ? "" : age(oldestSeconds * 1_000),
  ]);
  const note = oldestAges === "known" ? "" : `Ages: unknown (${cell(oldestAges.unavailable)})\n`;
  return table(QUEUE_COLUMNS, rows) + note;
}

function alarmsText(alarms: Status["alarms"]): string {
  if ("unavailable" in alarms) return `Alarms: unknown (${cell(alarms.unavailable)})\n`;
  if (alarms.length === 0) return "No alarm is on.\n";
  const rows = alarms.map(({ name, sinceAt, reason }) => [name, age(Date.now() - sinceAt), reason]);
  return `${plural(alarms.length, "alarm")} on:\n${table([{ title: "ALARM" }, { title: "FOR", align: "right" }, { title: "REASON" }], rows)}`;
}

import { readFile } from "node:fs/promises";
import * as z from "zod";
import { CommandError } from "./command";
import { GUEST, readRetailCsv, UnreadableFileError } from "./retailCsv";

/** An order as it is to be posted. */
export interface OrderToPost {
  readonly orderId: string;
  /** Whose it is, where the one who posts may choose. */
  readonly customer: string;
  /** The request's body. */
  readonly body: string;
}

/**
 * Reads the orders of a file: CSV of the data set "Online Retail" (`*.csv`), else JSON lines, one request body a line.
 *
 * @throws CommandError that names the file, the line and the remedy
 */
export async function readOrderFile(path: string): Promise<OrderToPost[]> {
  const text = await readText(path);
  try {
    const orders = /\.csv$/i.test(path) ? fromCsv(text) : fromJsonLines(text);
    if (orders.length === 0) throw new UnreadableFileError("There are no orders in it.");
    return orders;
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    throw new CommandError(`${path}: ${error.message}`);
  }
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "There is no such file." : `It cannot be read (${error.code}).`;
    throw new CommandError(`${path}: ${reason}`);
  });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CommandError(
      `${path}: It is not UTF-8. Convert it, for example with iconv -f latin1 -t utf-8.`,
    );
  }
}

function fromCsv(text: string): OrderToPost[] {
  return readRetailCsv(text).map(({ customer, order }) => ({
    orderId: order.orderId,
    customer,
    body: JSON.stringify(order),
  }));
}

/** What the tool itself needs of a body: an order without an id could be neither followed nor sent again. */
const withOrderId = z.looseObject({ orderId: z.string().min(1) });

/** The bodies stay what they are, byte for byte, and belong to one customer. */
function fromJsonLines(text: string): OrderToPost[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const parsed = withOrderId.safeParse(parseJson(line, index + 1));
    if (!parsed.success)
      throw new UnreadableFileError(
        `Line ${index + 1}: it is no order with an orderId. Give it one, a UUID.`,
      );
    return { orderId: parsed.data.orderId, customer: GUEST, body: line.trim() };
  });
}

function parseJson(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new UnreadableFileError(
      `Line ${number}: it is not JSON. Each line of the file is the body of one order.`,
    );
  }
}

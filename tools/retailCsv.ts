import { CsvError, parse } from "csv-parse/sync";
import { v5 as uuidv5 } from "uuid";
import * as z from "zod";
import { orderTotal, type Order } from "../contracts/order";
import { COUNTRY_CODES } from "./countryCodes";

/** Namespace of the order ids (UUIDv5, RFC 9562). Never change it: a file sent again must give the same ids. */
const INVOICE_NAMESPACE = "507f5b20-9d0c-436a-8ddf-0195a25a7750";

/** The customer of an invoice without one. */
export const GUEST = "guest";

/** An invoice with any line of this quantity is a wholesale order. */
const WHOLESALE_QUANTITY = 48;

/** The data set has no addresses: every order goes to the same made-up one, in its own country. */
const ADDRESS = { line1: "1 Example Street", city: "Exampletown", postalCode: "EX1 1EX" };

const COLUMNS = [
  "InvoiceNo",
  "StockCode",
  "Description",
  "Quantity",
  "InvoiceDate",
  "UnitPrice",
  "CustomerID",
  "Country",
];

const row = z.object({
  InvoiceNo: z.string().min(1, "is empty: every line belongs to an invoice"),
  StockCode: z.string(),
  Description: z.string(),
  Quantity: z
    .string()
    .regex(/^-?\d{1,15}$/, "must be a whole number of at most 15 digits")
    .transform(Number),
  UnitPrice: z
    .string()
    .regex(/^-?\d{1,12}(\.\d{1,12})?$/, "must be a decimal number such as 2.55")
    .transform(minorUnits),
  CustomerID: z.string().transform((id) => id || GUEST),
  Country: z
    .string()
    .refine(
      (name) => COUNTRY_CODES.has(name),
      "is no country's name of the data set; add it to tools/countryCodes.ts",
    )
    .transform((name) => COUNTRY_CODES.get(name) ?? ""),
});

type Row = z.infer<typeof row>;

interface Invoice {
  readonly firstLine: number;
  readonly rows: [Row, ...Row[]];
}

/** An order of the file, and whose it is. It may break the contract: that is for the service to say. */
export interface RetailOrder {
  readonly customer: string;
  readonly order: Order;
}

/** A file that cannot be read as the orders it should hold. The message names the line and the remedy. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

/**
 * Reads a CSV in the format of the data set "Online Retail" (UCI Machine Learning Repository, doi 10.24432/C5BW33), one
 * line an item, as one order per invoice, in the file's order. Nothing is mended or left out: cancellations
 * become orders with negative quantities, which the contract forbids.
 *
 * @throws UnreadableFileError
 */
export function readRetailCsv(csv: string): RetailOrder[] {
  return [...readInvoices(csv).values()].map(({ rows }) => toOrder(rows));
}

function readInvoices(csv: string): Map<string, Invoice> {
  const invoices = new Map<string, Invoice>();
  try {
    parse(csv, {
      bom: true,
      columns: checkHeader,
      skip_empty_lines: true,
      on_record: (record: unknown, { lines }) => {
        addRow(invoices, readRow(record, lines), lines);
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UnreadableFileError(
      `${error.message}. A line has ${COLUMNS.length} columns, in double quotes where they hold commas.`,
    );
  }
  return invoices;
}

function checkHeader(header: string[]): string[] {
  const missing = COLUMNS.filter((column) => !header.includes(column));
  if (missing.length === 0) return header;
  throw new UnreadableFileError(
    `Line 1: there is no column ${missing.join(", ")}. The first line names the columns: ${COLUMNS.join(",")}`,
  );
}

function readRow(record: unknown, line: number): Row {
  const parsed = row.safeParse(record);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UnreadableFileError(`Line ${line}: ${issue?.path.join(".")} ${issue?.message}`);
}

function addRow(invoices: Map<string, Invoice>, row: Row, line: number): void {
  const invoice = invoices.get(row.InvoiceNo);
  if (!invoice) {
    invoices.set(row.InvoiceNo, { firstLine: line, rows: [row] });
    return;
  }
  const [first] = invoice.rows;
  for (const column of ["CustomerID", "Country"] as const)
    if (row[column] !== first[column])
      throw new UnreadableFileError(
        `Line ${line}: ${column} of invoice ${row.InvoiceNo} is another than on line ${invoice.firstLine}. ` +
          "An invoice has one customer and one country; give the others their own invoice numbers.",
      );
  invoice.rows.push(row);
}

function toOrder(rows: Invoice["rows"]): RetailOrder {
  const [{ InvoiceNo, CustomerID, Country }] = rows;
  const items = rows.map(toItem);
  const order: Order = {
    orderId: uuidv5(InvoiceNo, INVOICE_NAMESPACE),
    channel: rows.some(({ Quantity }) => Quantity >= WHOLESALE_QUANTITY) ? "wholesale" : "retail",
    currency: "GBP",
    items,
    total: Number(orderTotal(items)),
    shipTo: { name: `Customer ${CustomerID}`, ...ADDRESS, country: Country },
  };
  return { customer: CustomerID, order };
}

function toItem({ StockCode, Description, Quantity, UnitPrice }: Row): Order["items"][number] {
  return {
    sku: StockCode,
    ...(Description.trim() !== "" && { description: Description }),
    quantity: Quantity,
    unitPrice: UnitPrice,
  };
}

/** A price in minor units, rounded half away from zero: from the text, since 1.005 x 100 is 100.49999999999999. */
function minorUnits(price: string): number {
  const [, sign, major, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(price) ?? [];
  const thousandths = Number(`${major}${fraction.padEnd(3, "0").slice(0, 3)}`);
  const minor = Math.floor((thousandths + 5) / 10);
  return sign === "-" && minor !== 0 ? -minor : minor;
}

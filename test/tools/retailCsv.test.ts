import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkOrder } from "../../contracts/orderCheck";
import { COUNTRIES } from "../../contracts/codes";
import { COUNTRY_CODES } from "../../tools/countryCodes";
import { readRetailCsv } from "../../tools/retailCsv";

const HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
const FIXTURE = readFileSync(join(__dirname, "fixtures", "online-retail-16-invoices.csv"), "utf8");

/** One line of a file, with the columns that a test is about. */
function line(columns: Partial<Record<string, string>> = {}): string {
  const values = {
    InvoiceNo: "1",
    StockCode: "85123A",
    Description: "LANTERN",
    Quantity: "6",
    InvoiceDate: "2010-12-01",
    UnitPrice: "2.55",
    CustomerID: "17850",
    Country: "United Kingdom",
    ...columns,
  };
  return Object.values(values).join(",");
}

const csv = (...lines: string[]) => [HEADER, ...lines].join("\n");

/** The only order of a file with one line. */
function orderOf(columns: Partial<Record<string, string>>) {
  const [first] = readRetailCsv(csv(line(columns)));
  if (!first) throw new Error("There is no order in the file.");
  return first;
}

describe("the invoices of the data set", () => {
  const orders = readRetailCsv(FIXTURE);
  const orderWith = (sku: string) => orders.find(({ order }) => order.items.some((item) => item.sku === sku));

  it("become one order each, in the file's order, whatever the contract says of them", () => {
    expect(orders).toHaveLength(16);
    expect(orders.filter(({ order }) => checkOrder(order).valid)).toHaveLength(12);
    expect(orders.map(({ order }) => order.items.length)).toEqual([
      7, 20, 2, 1, 7, 2, 1, 14, 4, 1, 1, 2, 1, 1, 2, 11,
    ]);
  });

  it("become orders with an id from the invoice's number, one item a line and the sum in pence", () => {
    expect(orderWith("22867")).toEqual({
      customer: "12791",
      order: {
        orderId: "20ea50bb-52dc-5f39-9488-7a0f11c61383",
        channel: "wholesale",
        currency: "GBP",
        items: [
          { sku: "22867", description: "HAND WARMER BIRD DESIGN", quantity: 96, unitPrice: 185 },
          { sku: "POST", description: "POSTAGE", quantity: 1, unitPrice: 1500 },
        ],
        total: 96 * 185 + 1500,
        shipTo: {
          name: "Customer 12791",
          line1: "1 Example Street",
          city: "Exampletown",
          postalCode: "EX1 1EX",
          country: "NL",
        },
      },
    });
  });

  it("keep commas, quotes and trailing blanks of a description, and leave a blank one out", () => {
    expect(orderWith("21111")?.order.items[0]?.description).toBe("SWISS ROLL TOWEL, CHOCOLATE  SPOTS");
    expect(orderWith("22041")?.order.items[3]?.description).toBe('RECORD FRAME 7" SINGLE SIZE ');
    expect(orderWith("22139")?.order.items).toEqual([{ sku: "22139", quantity: 56, unitPrice: 0 }]);
  });

  it("stay cancellations where they are: negative quantities and a negative total", () => {
    expect(orderWith("D")?.order).toMatchObject({ items: [{ quantity: -1, unitPrice: 2750 }], total: -2750 });
  });

  it("belong to a guest where the customer is missing", () => {
    expect(orderWith("22802")).toMatchObject({
      customer: "guest",
      order: { shipTo: { name: "Customer guest" } },
    });
  });
});

it("gives an invoice the same id every time, and two invoices different ones", () => {
  expect(orderOf({}).order.orderId).toBe(orderOf({}).order.orderId);
  expect(orderOf({ InvoiceNo: "C1" }).order.orderId).not.toBe(orderOf({ InvoiceNo: "1" }).order.orderId);
});

it("takes lines of one invoice together even where others stand between them", () => {
  const orders = readRetailCsv(csv(line(), line({ InvoiceNo: "2" }), line({ Quantity: "1" })));
  expect(orders.map(({ order }) => order.items.length)).toEqual([2, 1]);
});

it.each([
  ["47", "retail"],
  ["48", "wholesale"],
  ["-80", "retail"],
])("calls an invoice with a quantity of %s %s", (Quantity, channel) => {
  expect(orderOf({ Quantity }).order.channel).toBe(channel);
});

it.each([
  ["0", 0],
  ["15", 1500],
  ["27.5", 2750],
  ["0.29", 29],
  ["1.005", 101],
  ["0.004", 0],
  ["-11062.06", -1106206],
  ["-0.001", 0],
])("reads a price of %s as %d minor units", (UnitPrice, unitPrice) => {
  expect(orderOf({ UnitPrice }).order.items[0]?.unitPrice).toBe(unitPrice);
});

it.each([
  ["EIRE", "IE"],
  ["Channel Islands", "JE"],
  ["RSA", "ZA"],
  ["USA", "US"],
])("knows %s as %s", (Country, code) => {
  expect(orderOf({ Country }).order.shipTo.country).toBe(code);
});

it("has a code of the contract for every country, and one that it refuses for what is none", () => {
  const refused = [...COUNTRY_CODES].filter(([, code]) => !COUNTRIES.includes(code));
  expect(refused.map(([name]) => name)).toEqual(["European Community", "Unspecified"]);
});

it("reads a file with a byte order mark and Windows line ends", () => {
  expect(readRetailCsv(`\ufeff${csv(line(), "").replaceAll("\n", "\r\n")}`)).toHaveLength(1);
});

describe("a file that cannot be read is refused with the line and the remedy:", () => {
  it.each([
    [
      "a price in words",
      csv(line(), line({ UnitPrice: "free" })),
      "Line 3: UnitPrice must be a decimal number",
    ],
    ["half a piece", csv(line({ Quantity: "1.5" })), "Line 2: Quantity must be a whole number"],
    ["a quantity of 400 digits", csv(line({ Quantity: "9".repeat(400) })), "Line 2: Quantity must be"],
    ["no invoice", csv(line({ InvoiceNo: "" })), "Line 2: InvoiceNo is empty"],
    [
      "an unknown country",
      csv(line({ Country: "Atlantis" })),
      "Line 2: Country is no country's name of the data set; add it to tools/countryCodes.ts",
    ],
    ["a missing column", csv(line()).replace("UnitPrice", "Price"), "Line 1: there is no column UnitPrice"],
    ["a line that is too short", csv(line(), "2,x"), "line 3. A line has 8 columns"],
    ["a quote that never ends", csv(line({ Description: '"LANTERN' })), "Quote Not Closed"],
    [
      "an invoice of two customers",
      csv(line(), line({ CustomerID: "2" })),
      "Line 3: CustomerID of invoice 1 is another than on line 2",
    ],
  ])("%s", (_case, text, message) => {
    expect(() => readRetailCsv(text)).toThrow(message);
  });
});

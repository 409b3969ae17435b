import { createHash } from "node:crypto";
import { orderTotal, type Order } from "../contracts/order";

/** What a client app does with an order, besides posting it until it is accepted. */
export type Kind =
  /** Nothing. */
  | "plain"
  /** Posts it three times, as an app does whose user is impatient. */
  | "repeated"
  /** Its total is wrong: the order function rejects it. */
  | "rejected"
  /** Posts another order under the same id. */
  | "conflicting";

/** Which part of the orders is of which kind; the rest is plain. */
export type Mix = Readonly<Partial<Record<Exclude<Kind, "plain">, number>>>;

/** As a day's orders are: nearly all are plain. */
export const USUAL_MIX: Mix = { repeated: 0.05, rejected: 0.02, conflicting: 0.01 };

/** Which of the two contents that were posted under one id. */
export type Version = 0 | 1;

/** Lines of an order, as often as they occur in a shop's day: most have few, some have dozens. */
const LINES = [1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 7, 26];

const CUSTOMERS = 40;

/**
 * The orders of one scenario, each made from its number and the seed alone: what was posted need not be kept to be
 * compared.
 */
export class Orders {
  private readonly salt: string;
  private readonly kinds: readonly Kind[];

  constructor(
    readonly count: number,
    seed: number,
    scenario: string,
    mix: Mix = USUAL_MIX,
  ) {
    this.salt = createHash("sha256").update(`${seed}/${scenario}`).digest("hex");
    this.kinds = spread(mix);
  }

  customers(): string[] {
    return Array.from({ length: Math.min(CUSTOMERS, this.count) }, (_, customer) => `customer-${customer}`);
  }

  customerOf(n: number): string {
    return `customer-${n % CUSTOMERS}`;
  }

  /** A UUID with the shape of version 7 whose last part is the order's number. */
  idOf(n: number): string {
    const { salt } = this;
    const number = n.toString(16).padStart(12, "0");
    return `${salt.slice(0, 8)}-${salt.slice(8, 12)}-7${salt.slice(12, 15)}-8${salt.slice(15, 18)}-${number}`;
  }

  /** The number of the order with this id; undefined when it is none of these. */
  numberOf(orderId: string): number | undefined {
    const n = Number.parseInt(orderId.slice(24), 16);
    return n < this.count && this.idOf(n) === orderId ? n : undefined;
  }

  kindOf(n: number): Kind {
    return this.kinds[n % this.kinds.length] ?? "plain";
  }

  /** How many contents are posted under the order's id. */
  versionsOf(n: number): readonly Version[] {
    return this.kindOf(n) === "conflicting" ? [0, 1] : [0];
  }

  /** The body as posted: compact JSON with the members in the contract's order, which every hop keeps. */
  bodyOf(n: number, version: Version = 0): string {
    return JSON.stringify(this.orderOf(n, version));
  }

  private orderOf(n: number, version: Version): Order {
    const lines = LINES[n % LINES.length] ?? 1;
    const items = Array.from({ length: lines }, (_, line) => ({
      sku: String(20_000 + ((n * 31 + line * 7) % 4_000)),
      description: `PRODUCT ${(n + line) % 997} IN A USUAL LENGTH`,
      quantity: 1 + ((n + line) % 24) + version,
      unitPrice: 85 + ((n * 13 + line * 5) % 900),
    }));
    return {
      orderId: this.idOf(n),
      channel: n % 5 === 0 ? "wholesale" : "retail",
      currency: "GBP",
      items,
      total: Number(orderTotal(items)) + (this.kindOf(n) === "rejected" ? 1 : 0),
      shipTo: {
        name: `Zoë Müller ${n}`,
        line1: "1 High Street",
        city: "Leeds",
        postalCode: "LS1 1AA",
        country: "GB",
      },
    };
  }
}

/** Kinds in the proportions of a mix, evenly spread: of small runs, too, each kind is a part. */
function spread(mix: Mix): Kind[] {
  const parts = Object.entries(mix) as [Exclude<Kind, "plain">, number][];
  const kinds = Array.from({ length: 100 }, (): Kind => "plain");
  let offset = 3;
  for (const [kind, part] of parts)
    for (let index = 0, wanted = Math.round(part * 100); index < wanted; index++) {
      let at = (offset + Math.floor((index * 100) / wanted)) % 100;
      while (kinds[at] !== "plain") at = (at + 1) % 100;
      kinds[at] = kind;
      offset += 1;
    }
  return kinds;
}

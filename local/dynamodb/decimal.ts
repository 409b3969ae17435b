interface Decimal {
  readonly digits: bigint;
  /** How many of the digits stand behind the point. */
  readonly scale: number;
}

/** The exact sum of two numbers in plain notation, as DynamoDB's own decimals give it. */
export function add(left: string, right: string): string {
  return combine(left, right, 1n);
}

/** The exact difference of two numbers in plain notation. */
export function subtract(left: string, right: string): string {
  return combine(left, right, -1n);
}

/** Whole numbers of which a double holds the exact sum. */
const SMALL_WHOLE = /^-?\d{1,15}$/;

function combine(left: string, right: string, sign: 1n | -1n): string {
  if (SMALL_WHOLE.test(left) && SMALL_WHOLE.test(right))
    return String(Number(left) + Number(sign) * Number(right));
  const [a, b] = [parse(left), parse(right)];
  const scale = Math.max(a.scale, b.scale);
  return format({ digits: scaled(a, scale) + sign * scaled(b, scale), scale });
}

function parse(text: string): Decimal {
  const [whole = "0", fraction = ""] = text.split(".");
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

function scaled({ digits, scale }: Decimal, target: number): bigint {
  return digits * 10n ** BigInt(target - scale);
}

function format({ digits, scale }: Decimal): string {
  const negative = digits < 0n;
  const text = String(negative ? -digits : digits).padStart(scale + 1, "0");
  const plain = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`.replace(/\.?0+$/, "");
  return negative ? `-${plain}` : plain;
}

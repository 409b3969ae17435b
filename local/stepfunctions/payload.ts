import type { QuotedPiece } from "../logs";

/** The largest input, output or result of a state, in UTF-8 bytes of JSON (Developer Guide, "Quotas"). */
export const PAYLOAD_LIMIT_BYTES = 262_144;
/** Where CloudWatch Logs cuts an escaped payload (Developer Guide, "CloudWatch Logs payloads"). */
const LOGGED_LIMIT_BYTES = 248 * 1024;

/** The most bytes that a UTF-16 unit can take in an escaped text, as `\u001f` does. */
const LONGEST_ESCAPE = 6;

/** A payload as log events show it, in each the same object. */
export interface LoggedPayload {
  readonly text: QuotedPiece;
  readonly truncated: boolean;
}

/** A JSON value that states hand on. It is written as JSON once, however many states and events show it. */
export class Payload {
  private shown: LoggedPayload | undefined;

  /**
   * @param value plain JSON; nobody changes it afterwards
   * @param text the JSON that it was read from
   */
  constructor(
    readonly value: unknown,
    private text?: string,
  ) {}

  get json(): string {
    return (this.text ??= JSON.stringify(this.value));
  }

  get exceedsLimit(): boolean {
    return exceeds(this.json, PAYLOAD_LIMIT_BYTES);
  }

  get logged(): LoggedPayload {
    return (this.shown ??= logText(this.json));
  }
}

/** Whether a text takes more UTF-8 bytes than the limit. */
export function exceeds(text: string, limitBytes: number): boolean {
  // A UTF-16 unit takes at most three bytes: a short text needs no counting.
  return text.length * 3 > limitBytes && Buffer.byteLength(text) > limitBytes;
}

function logText(json: string): LoggedPayload {
  const fits = (length: number) =>
    length * LONGEST_ESCAPE <= LOGGED_LIMIT_BYTES ||
    !exceeds(JSON.stringify(json.slice(0, length)), LOGGED_LIMIT_BYTES);
  if (fits(json.length)) return { text: { quote: json }, truncated: false };
  let kept = 0;
  // The longest beginning whose escaped text fits, by bisection.
  for (let tooMany = json.length; tooMany - kept > 1;) {
    const middle = Math.floor((kept + tooMany) / 2);
    if (fits(middle)) kept = middle;
    else tooMany = middle;
  }
  return { text: { quote: json.slice(0, kept) }, truncated: true };
}

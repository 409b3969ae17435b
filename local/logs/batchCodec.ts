import type { LogEvent, LogPiece, QuotedPiece } from "./logEvent";

/** One write as it stands in a row: a quoted piece once, and how to put the events together again. */
export interface EncodedBatch {
  /** The pieces, one after the other. */
  readonly text: string;
  /** JSON of a `Layout`. */
  readonly layout: string;
  readonly firstTimestamp: number;
  readonly lastTimestamp: number;
}

interface Layout {
  /** UTF-16 length of each piece. */
  readonly lengths: readonly number[];
  /** Of each event: its timestamp, then the numbers of its pieces; of one that is to be quoted the complement (`~`). */
  readonly events: readonly (readonly number[])[];
}

export interface DecodedEvent {
  readonly timestamp: number;
  readonly message: string;
}

/** What JSON escapes besides the quotation mark and the backslash: a search could not find the text without quotes. */
const ESCAPED_OTHERWISE = /[\p{Cc}\p{Cs}]/u;

export function encodeBatch(events: readonly LogEvent[]): EncodedBatch {
  const pieces = new Pieces();
  let firstTimestamp = Infinity;
  let lastTimestamp = -Infinity;
  const rows = events.map(({ timestamp, message }) => {
    firstTimestamp = Math.min(firstTimestamp, timestamp);
    lastTimestamp = Math.max(lastTimestamp, timestamp);
    const row = [timestamp];
    for (const piece of typeof message === "string" ? [message] : message) row.push(pieces.numberOf(piece));
    return row;
  });
  return {
    text: pieces.text,
    layout: JSON.stringify({ lengths: pieces.lengths, events: rows }),
    firstTimestamp,
    lastTimestamp,
  };
}

/** The pieces of one write. */
class Pieces {
  readonly lengths: number[] = [];
  private joined = "";
  private readonly quoted = new Map<QuotedPiece, number>();

  /** SQLite's text ends at a NUL; the replacement character is as long, so the layout still fits. */
  get text(): string {
    return this.joined.includes("\0") ? this.joined.replaceAll("\0", "\uFFFD") : this.joined;
  }

  numberOf(piece: LogPiece): number {
    if (typeof piece === "string") return this.append(piece);
    const known = this.quoted.get(piece);
    if (known !== undefined) return known;
    const number = ESCAPED_OTHERWISE.test(piece.quote)
      ? this.append(JSON.stringify(piece.quote))
      : ~this.append(piece.quote);
    this.quoted.set(piece, number);
    return number;
  }

  private append(text: string): number {
    this.joined += text;
    return this.lengths.push(text.length) - 1;
  }
}

export function decodeBatch(text: string, layoutJson: string): DecodedEvent[] {
  const layout = JSON.parse(layoutJson) as Layout;
  let offset = 0;
  const pieces = layout.lengths.map((length) => text.slice(offset, (offset += length)));
  const pieceOf = (number: number) =>
    number < 0 ? JSON.stringify(pieces[~number] ?? "") : (pieces[number] ?? "");
  return layout.events.map(([timestamp = 0, ...numbers]) => ({
    timestamp,
    message: numbers.map(pieceOf).join(""),
  }));
}

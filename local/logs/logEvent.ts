/**
 * A text that events show as a JSON string, with its quotation marks and escapes. The same object in several events of
 * a write is kept once, and without the escapes, so a payload that every event of an execution carries costs little.
 */
export interface QuotedPiece {
  readonly quote: string;
}

export type LogPiece = string | QuotedPiece;

/** The text of one log event: a string, or pieces that are to be joined. */
export type LogText = string | readonly LogPiece[];

/** One event as a writer brings it. */
export interface LogEvent {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly message: LogText;
}

/** Where an event stands in its group: events are ordered by time, then by write, then by their place in the write. */
export interface LogPosition {
  readonly timestamp: number;
  readonly batch: number;
  readonly index: number;
}

/** One event as a reader gets it. */
export interface StoredLogEvent extends LogPosition {
  readonly stream: string;
  readonly message: string;
  /** When it came in, milliseconds since the epoch. */
  readonly ingestionTime: number;
}

/** Negative when `a` stands before `b`. */
export function comparePositions(a: LogPosition, b: LogPosition): number {
  return a.timestamp - b.timestamp || a.batch - b.batch || a.index - b.index;
}

/** The id of an event: 56 digits that grow with its position. */
export function eventId({ timestamp, batch, index }: LogPosition): string {
  return `${digits(timestamp, 18)}${digits(batch, 22)}${digits(index, 16)}`;
}

/** Reads an id that `eventId` made; undefined for anything else. */
export function positionOf(id: string): LogPosition | undefined {
  const [, timestamp, batch, index] = /^(\d{18})(\d{22})(\d{16})$/.exec(id) ?? [];
  if (timestamp === undefined) return undefined;
  return { timestamp: Number(timestamp), batch: Number(batch), index: Number(index) };
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

import { ACCOUNT_ID } from "../../aws/arn";
import { jsonObjectOf } from "../jsonObject";
import { eventId, type StoredLogEvent } from "../logEvent";

/** A value of a field: what is not there is undefined. */
export type FieldValue = string | number | undefined;

/**
 * One event as a query sees it: the fields that CloudWatch Logs adds, and those it discovers in a JSON message, nested
 * ones by their path (`details.name`, `items.0`).
 */
export class LogRecord {
  private document: Readonly<Record<string, unknown>> | null | undefined;

  constructor(
    readonly event: StoredLogEvent,
    private readonly group: string,
  ) {}

  get(field: string): FieldValue {
    switch (field) {
      case "@message":
        return this.event.message;
      case "@timestamp":
        return this.event.timestamp;
      case "@ingestionTime":
        return this.event.ingestionTime;
      case "@logStream":
        return this.event.stream;
      case "@ptr":
        return Buffer.from(eventId(this.event)).toString("base64");
      case "@log":
        return `${ACCOUNT_ID}:${this.group}`;
      default:
        return scalar(descend(this.parsed(), field));
    }
  }

  /** The field as a result shows it. */
  show(field: string): string | undefined {
    const value = this.get(field);
    if (value === undefined) return undefined;
    return field === "@timestamp" || field === "@ingestionTime" ? showTime(Number(value)) : String(value);
  }

  private parsed(): unknown {
    if (this.document === undefined) this.document = jsonObjectOf(this.event.message) ?? null;
    return this.document;
  }
}

/** Follows a path whose steps may themselves hold dots. */
function descend(value: unknown, path: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path];
  for (let dot = path.indexOf("."); dot !== -1; dot = path.indexOf(".", dot + 1)) {
    const step = path.slice(0, dot);
    if (!Object.hasOwn(value, step)) continue;
    const found = descend((value as Record<string, unknown>)[step], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Insights shows a JSON boolean as 1 or 0; an object or an array is no field itself, its members are. */
function scalar(value: unknown): FieldValue {
  if (typeof value === "string" || typeof value === "number") return value;
  return typeof value === "boolean" ? Number(value) : undefined;
}

function showTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("T", " ").replace("Z", "");
}

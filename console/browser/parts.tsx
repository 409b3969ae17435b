import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { age, time } from "../../ops/format";
import type { OrderSummary } from "../../ops/orders";
import { CONSOLE_PATH, type AttemptView } from "../api";

/** How an order stands: of its delivery, or rejected. A sign and a word, so that no colour is needed. */
const STANDINGS = {
  PENDING: { sign: "\u25cc", word: "On its way", tone: "busy" },
  UNDELIVERED: { sign: "\u21bb", word: "Last attempt failed", tone: "warning" },
  DELIVERED: { sign: "\u2713", word: "Delivered", tone: "good" },
  FAILED: { sign: "\u2715", word: "Given up", tone: "bad" },
  REJECTED: { sign: "\u2298", word: "Rejected", tone: "still" },
} as const;

export type Tone = (typeof STANDINGS)[keyof typeof STANDINGS]["tone"];

export function Pill({ tone, sign, children }: { tone: Tone; sign: string; children: ComponentChildren }) {
  return (
    <span class={`pill ${tone}`}>
      <span aria-hidden="true">{sign}</span> {children}
    </span>
  );
}

export function Standing({ order }: { order: OrderSummary }) {
  const { sign, word, tone } = STANDINGS[standingOf(order)];
  return (
    <Pill tone={tone} sign={sign}>
      {word}
    </Pill>
  );
}

function standingOf(order: OrderSummary): keyof typeof STANDINGS {
  if (order.status === "REJECTED") return "REJECTED";
  const { status, attempts } = order.delivery;
  return status === "PENDING" && attempts > 0 ? "UNDELIVERED" : status;
}

/** A point in time in UTC, as everywhere else in the logs and commands. */
export function Time({ at }: { at: string | number | undefined }) {
  if (at === undefined) return null;
  const text = time(at);
  return (
    <time dateTime={new Date(at).toISOString()}>
      <span class="date">{text.slice(0, 10)}</span> {text.slice(11, -1)}
    </time>
  );
}

/** How long something has been going on. */
export function Age({ since }: { since: string | number }) {
  return <>{age(Math.max(0, useNow() - new Date(since).getTime()))}</>;
}

/** The time, again every second. */
function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}

export function OrderLink({ orderId }: { orderId: string }) {
  return (
    <a class="id" href={`${CONSOLE_PATH}/orders/${orderId}`}>
      {orderId}
    </a>
  );
}

/** A command for the terminal. */
export function Command({ children }: { children: string }) {
  return <code class="command">{children}</code>;
}

/** The switch that shows personal data; off whenever a page is opened. */
export function PersonalSwitch({ on, turn }: { on: boolean; turn: (on: boolean) => void }) {
  return (
    <label class="switch">
      <input type="checkbox" checked={on} onChange={(event) => turn(event.currentTarget.checked)} /> Show
      personal data and payloads
    </label>
  );
}

/** Why a call failed; empty when it did not. */
export function whyOf({ error, cause }: AttemptView): string {
  return [error, cause].filter((part) => part !== undefined && part !== "").join(": ");
}

/** A JSON text, laid out when it can be, and so is JSON in its strings: a step's input holds the event as one. */
export function JsonText({ text }: { text: string }) {
  return (
    <pre tabIndex={0}>
      <code>{layOut(text)}</code>
    </pre>
  );
}

function layOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text, unpack), undefined, 2);
  } catch {
    return text;
  }
}

function unpack(_key: string, value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith("{")) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

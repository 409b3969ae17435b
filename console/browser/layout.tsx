import type { ComponentChildren } from "preact";
import { plural } from "../../ops/format";
import { CONSOLE_PATH, type Summary } from "../api";
import type { Live } from "./live";

const PAGES = [
  { path: "", name: "Orders" },
  { path: "/failures", name: "Failures" },
  { path: "/health", name: "Health" },
  { path: "/stack", name: "Stack" },
] as const;

export type PageName = (typeof PAGES)[number]["name"];

interface LayoutProps {
  readonly current: PageName | undefined;
  readonly title: string;
  readonly live: Live<unknown>;
  readonly children: ComponentChildren;
}

/** What surrounds every page: where one is, where one can go, and what needs attention. */
export function Layout({ current, title, live, children }: LayoutProps) {
  const { summary, problem, view } = live;
  const isLoading = view === undefined && problem === undefined;
  document.title = `${title} \u2013 order service`;
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header>
        <p class="brand">
          Order service <span class="stack">{summary?.stack}</span>
        </p>
        <nav aria-label="Pages">
          {PAGES.map(({ path, name }) => (
            <a href={CONSOLE_PATH + path} aria-current={name === current ? "page" : undefined}>
              {name} <Attention page={name} summary={summary} />
            </a>
          ))}
        </nav>
        <form class="find" action={`${CONSOLE_PATH}/find`} role="search">
          <label for="find">Order</label>
          <input id="find" name="order" placeholder="order id" required maxLength={64} spellcheck={false} />
          <button>Open</button>
        </form>
      </header>
      <main id="content" tabIndex={-1} aria-busy={isLoading}>
        {problem !== undefined && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        {isLoading ? <p class="note">Loading &hellip;</p> : children}
      </main>
    </>
  );
}

/** What waits for somebody on a page. */
function Attention({ page, summary }: { page: PageName; summary: Summary | undefined }) {
  const alarms = summary?.alarms ?? 0;
  if (page === "Failures" && summary && summary.failedMessages > 0)
    return <span class="attention">{plural(summary.failedMessages, "message")}</span>;
  if (page === "Health" && alarms > 0) return <span class="attention">{plural(alarms, "alarm")}</span>;
  return null;
}

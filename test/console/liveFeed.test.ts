import { LiveFeeds, type Watcher } from "../../console/server/liveFeed";
import type { ViewReader } from "../../console/views/viewReader";
import { waitFor } from "../support/waitFor";

/** Reads what it is told to, at once again and again. */
class Figures implements ViewReader<unknown> {
  readings = 0;
  figure: unknown = 1;
  error: Error | undefined;
  signal: AbortSignal | undefined;

  read(signal: AbortSignal): Promise<unknown> {
    this.readings++;
    this.signal = signal;
    return this.error ? Promise.reject(this.error) : Promise.resolve(this.figure);
  }

  pauseMs(): number {
    return 1;
  }
}

class Screen implements Watcher {
  readonly shown: string[] = [];
  readonly problems: unknown[] = [];

  show(json: string): void {
    this.shown.push(json);
  }

  fail(error: unknown): void {
    this.problems.push(error);
  }
}

let feeds: LiveFeeds;
let figures: Figures;

beforeEach(() => {
  feeds = new LiveFeeds(1);
  figures = new Figures();
});

afterEach(() => feeds.stop());

function watch(key = "figures", reader = figures) {
  const screen = new Screen();
  return { screen, leave: feeds.watch(key, () => reader, screen) };
}

const readingsMore = (count: number) => {
  const before = figures.readings;
  return waitFor(() => figures.readings >= before + count);
};

it("shows a view at once, and again only when it has changed", async () => {
  const { screen } = watch();
  await readingsMore(3);
  figures.figure = 2;
  await waitFor(() => screen.shown.length === 2);
  await readingsMore(3);
  expect(screen.shown).toEqual(["1", "2"]);
});

it("reads once for all who watch the same", async () => {
  const first = watch();
  await waitFor(() => first.screen.shown.length === 1);
  const other = new Figures();
  const second = watch("figures", other);
  await readingsMore(3);
  expect(second.screen.shown).toEqual(["1"]);
  expect(other.readings).toBe(0);
});

it("reads nothing any more once the last one has left, and breaks off what it was reading", async () => {
  const first = watch();
  const second = watch();
  await readingsMore(1);
  first.leave();
  await readingsMore(3);
  second.leave();
  const readings = figures.readings;
  expect(figures.signal?.aborted).toBe(true);
  const others = new Figures();
  watch("others", others);
  await waitFor(() => others.readings > 20);
  expect(figures.readings).toBe(readings);
});

it("tells an error, goes on, and shows the view again when it is over", async () => {
  const { screen } = watch();
  await waitFor(() => screen.shown.length === 1);
  figures.error = new Error("The credentials have expired.");
  await waitFor(() => screen.problems.length > 0);
  figures.error = undefined;
  await waitFor(() => screen.shown.length === 2);
  expect(screen.shown).toEqual(["1", "1"]);
  expect(screen.problems[0]).toMatchObject({ message: "The credentials have expired." });
});

import { useEffect, useState } from "preact/hooks";
import { API_PATH, LIVE_EVENT, type Problem, type Summary } from "../api";

/** What a page knows at the moment. */
export interface Live<View> {
  /** Undefined until it has come; it stays when something goes wrong later. */
  readonly view: View | undefined;
  readonly summary: Summary | undefined;
  /** Why there is no view, or no newer one. */
  readonly problem: string | undefined;
}

const NO_SERVER =
  "The console does not answer: its server has ended, or is starting again. This page tries on.";

const TRY_AGAIN_MS = 2_000;

/**
 * A view as it changes. Nothing is read for a page that nobody sees.
 *
 * @param path below the API's, with its parameters
 */
export function useLive<View>(path: string): Live<View> {
  const [live, setLive] = useState<Live<View>>({ view: undefined, summary: undefined, problem: undefined });
  useEffect(() => {
    const learn = (news: Partial<Live<View>>) => setLive((known) => ({ ...known, ...news }));
    let close = openView(path, learn);
    const onVisibility = () => {
      close();
      close = document.visibilityState === "visible" ? openView(path, learn) : () => undefined;
    };
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      close();
    };
  }, [path]);
  return live;
}

function openView<View>(path: string, learn: (news: Partial<Live<View>>) => void): () => void {
  const url = `${API_PATH}/${path}`;
  let retry: number | undefined;
  let source: EventSource;
  const on = (event: string, learned: (data: string) => void) =>
    source.addEventListener(event, ({ data }: MessageEvent<string>) => learned(data));
  const open = () => {
    source = new EventSource(url);
    on(LIVE_EVENT.view, (data) => learn({ view: JSON.parse(data) as View, problem: undefined }));
    on(LIVE_EVENT.summary, (data) => learn({ summary: JSON.parse(data) as Summary }));
    on(LIVE_EVENT.problem, (data) => learn({ problem: (JSON.parse(data) as Problem).message }));
    source.onerror = () => {
      // While it is connecting, the browser tries again by itself; a refusal ends it, without saying why.
      if (source.readyState === EventSource.CONNECTING) return learn({ problem: NO_SERVER });
      void refusal(url).then((problem) => {
        learn({ problem: problem ?? NO_SERVER });
        if (problem === undefined) retry = window.setTimeout(open, TRY_AGAIN_MS);
      });
    };
  };
  open();
  return () => {
    window.clearTimeout(retry);
    source.close();
  };
}

/** Why the server refuses a view; undefined when it does not answer at all. */
async function refusal(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(url);
    return answer.ok ? undefined : ((await answer.json()) as Problem).message;
  } catch {
    return undefined;
  }
}

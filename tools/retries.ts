import { setTimeout as sleep } from "node:timers/promises";
import { OrderApiError } from "./orderClient";

const RETRIES = 7;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Repeats a request to the order service that was throttled, failed on the service's side or got no answer: up to 7
 * times within about 10 seconds, with exponential backoff and jitter. The contract asks for this of every client.
 *
 * @throws OrderApiError the last one, or the first that another attempt would not mend
 */
export async function withRetries<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let retry = 0; ; retry++) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof OrderApiError && error.retryable) || retry === RETRIES) throw error;
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** retry, LONGEST_PAUSE_MS);
      await sleep(pause / 2 + (Math.random() * pause) / 2, undefined, { signal });
    }
  }
}

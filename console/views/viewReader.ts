import type { Stack } from "../../ops/target";

/** Reads a view again and again, and may remember what does not have to be read twice. */
export interface ViewReader<View> {
  /** @throws the error of the service that did not answer */
  read(signal: AbortSignal): Promise<View>;
  /** The same, sooner and with perhaps less in it, for those who wait for the first. */
  readFirst?(signal: AbortSignal): Promise<View>;
  /** How long to wait before the next reading: milliseconds. */
  pauseMs(view: View): number;
}

/** Between two readings of what should be seen to move: the local run has no price and no quotas. */
export function livePauseMs({ endpoint }: Stack): number {
  return endpoint === undefined ? 1_000 : 400;
}

/** Between two readings of figures that are told of, but not waited for: milliseconds. */
export function figuresPauseMs({ endpoint }: Stack): number {
  return endpoint === undefined ? CALM_PAUSE_MS : 1_000;
}

/** Between two readings of what nobody waits for. */
export const CALM_PAUSE_MS = 5_000;

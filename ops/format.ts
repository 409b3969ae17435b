// How people read times and counts, in a terminal as on a page.

/** A time as people of every time zone read it: UTC, to the millisecond. */
export function time(at: number | string | undefined): string {
  return at === undefined ? "" : new Date(at).toISOString().replace("T", " ");
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** A time span in its largest unit: `3 d`, `42 s`. */
export function age(ms: number): string {
  const [unit, length] = UNITS.find(([, size]) => ms >= size) ?? UNITS[3];
  return `${Math.max(0, Math.floor(ms / length))} ${unit}`;
}

/** A time span to the millisecond: `0.042 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`;
}

/** `1 order`, `2 orders`. */
export function plural(count: number, singular: string, several = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : several}`;
}

/** Numbers from 0 up to but not including 1. */
export type Random = () => number;

/** A repeatable sequence of numbers: the public-domain generator mulberry32 (Tommy Ettinger). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed of one of many sequences that stem from the same seed, each independent of how far the others are. */
export function derivedSeed(seed: number, index: number): number {
  const high = Math.floor(seed / 2 ** 32);
  return (Math.imul(seed ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) ^ Math.imul(index + 1, 0xc2b2ae35)) >>> 0;
}

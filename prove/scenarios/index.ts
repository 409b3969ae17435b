import type { Scenario } from "../scenario";
import { ACCEPTING } from "./accepting";
import { DELIVERING } from "./delivering";
import { EVERYWHERE } from "./everywhere";
import { KILLED } from "./killed";
import { LOAD } from "./load";
import { RECEIVING } from "./receiving";
import { RECONCILING } from "./reconciling";
import { STARTING } from "./starting";
import { STORING } from "./storing";

/** Every scenario of the proof, in the order of the hops; the long ones first, so that the last ones end together. */
export const SCENARIOS: readonly Scenario[] = [
  ...LOAD,
  ...KILLED,
  ...EVERYWHERE,
  ...ACCEPTING,
  ...STORING,
  ...STARTING,
  ...DELIVERING,
  ...RECEIVING,
  ...RECONCILING,
];

import { deadLetterMutations } from "./deadLetters";
import { encryptionMutations } from "./encryption";
import type { MutationRule } from "./mutation";

/** Every fault that the policies claim to catch. */
export const MUTATION_RULES: readonly MutationRule[] = [...deadLetterMutations, ...encryptionMutations];

import type * as z from "zod";
import type { Recorded } from "../../local/engine/recorded";
import { CommandError } from "../command";

/**
 * Refuses a run of a program that did not register everything: a policy finds no fault with a resource that is not there.
 * What a program throws has ended the run before. This is for one that swallows its failure and returns early, or goes on
 * without a part: the engine takes a logged error for a failed run, and the stack's outputs are its outside contract.
 * An output is a value only after the resource that it comes from is registered, so a stack that has all of them, known
 * and of the right form, has come past every hop.
 *
 * @param outputs what every stack of the program must have as outputs
 * @throws CommandError that names what is missing
 */
export function requireCompleteRun({ graph, logs }: Recorded, outputs: z.ZodType): void {
  const refuse = (problem: string): never => {
    throw new CommandError(`Stack "${graph.stack}" is not complete: ${problem}`);
  };
  const logged = logs.find(({ severity }) => severity === "error");
  if (logged !== undefined) refuse(`the program logged an error: ${logged.message}`);
  if (!graph.resources.some(({ id }) => id !== "")) refuse("the program registered no resources.");
  const [issue] = outputs.safeParse(graph.outputs).error?.issues ?? [];
  if (issue === undefined) return;
  const output = issue.path.join(".");
  refuse(`its output "${output}" is missing or wrong (${issue.message}). Mend the program or the contract.`);
}

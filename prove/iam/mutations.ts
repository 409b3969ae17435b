import { CommandError, EXIT } from "../../tools/command";
import type { Permission } from "./permissions";
import type { Failure, Play, Played } from "./play";
import type { Unexercised } from "./unexercised";

/** What became of the stack without one permission. */
export type Verdict =
  /** The permission was asked for and missed, and a check failed. */
  | { readonly type: "caught"; readonly by: string; readonly message: string }
  /** No check fails without it, and it is said why it stays. */
  | { readonly type: "stays"; readonly entry: Unexercised }
  /** No check fails without it: take it out of the program. */
  | { readonly type: "not needed"; readonly asked: boolean }
  /** A check failed, but not for want of the permission. */
  | { readonly type: "unclear"; readonly by: string; readonly message: string };

export interface Result {
  readonly permission: Permission;
  readonly verdict: Verdict;
}

export interface Outcome {
  readonly results: readonly Result[];
  /** What is wrong with the list of unexercised permissions. */
  readonly stale: readonly string[];
  /** How often the exercise was played with one permission less. */
  readonly mutants: number;
}

export interface MutationOptions {
  readonly unexercised: readonly Unexercised[];
  /** Whose permissions are taken away; everybody's when left out. */
  readonly holder?: string;
  readonly signal: AbortSignal;
  /** Told of the mutants that have been played. */
  readonly onProgress: (played: number, all: number) => void;
}

/** They mostly wait for what does not happen. */
const AT_ONCE = 4;

/** The unmutated exercise is given all the time that a busy machine takes. */
const UNMUTATED_PATIENCE_MS = 30_000;

/** Of a mutant: this, or several times what the slowest check took before. */
const LEAST_PATIENCE_MS = 2_000;
const SLOWNESS = 3;

/**
 * Takes the permissions away, one at a time, and says for each which check fails without it.
 *
 * Those that were never asked for are taken away all together: where the exercise passes, it needs none of them.
 *
 * @throws CommandError when the exercise fails though nothing is missing, so that nothing can be said
 */
export async function mutate(
  permissions: readonly Permission[],
  play: Play,
  options: MutationOptions,
): Promise<Outcome> {
  const { asked, patienceMs } = await unmutated(play);
  const unasked = permissions.filter((permission) => !asked.has(permission));
  if (unasked.length > 0)
    passed(await play(unasked, UNMUTATED_PATIENCE_MS), "without what was never asked for");
  const chosen = permissions.filter(
    ({ holder }) => options.holder === undefined || holder === options.holder,
  );
  const verdicts = new Map<Permission, Verdict>();
  const mutants = chosen.filter((permission) => asked.has(permission));
  const waiting = [...mutants];
  const playInTurn = async () => {
    for (let next = waiting.shift(); next && !options.signal.aborted; next = waiting.shift()) {
      verdicts.set(next, await verdictOn(next, play, patienceMs));
      options.onProgress(verdicts.size, mutants.length);
    }
    options.signal.throwIfAborted();
  };
  options.onProgress(0, mutants.length);
  await Promise.all(Array.from({ length: AT_ONCE }, playInTurn));
  const results = chosen.map((permission) => ({
    permission,
    verdict: explained(permission, verdicts.get(permission), options.unexercised),
  }));
  return { results, stale: staleEntries(permissions, results, options.unexercised), mutants: mutants.length };
}

/** Played twice at once, so that what only sometimes holds shows before it is blamed on a mutation. */
async function unmutated(play: Play): Promise<{ asked: ReadonlySet<Permission>; patienceMs: number }> {
  const both = await Promise.all([play([], UNMUTATED_PATIENCE_MS), play([], UNMUTATED_PATIENCE_MS)]);
  for (const played of both) {
    passed(played, "with every permission");
    for (const permission of played.denied) throw failed(`${nameOf(permission)} is allowed and denied`);
    for (const request of played.foreign)
      throw failed(`a role asks for what no policy of the program allows: ${request}`);
  }
  const slowestMs = Math.max(...both.map((played) => played.slowestMs));
  const patienceMs = Math.max(LEAST_PATIENCE_MS, Math.ceil(SLOWNESS * slowestMs));
  return { asked: new Set(both.flatMap((played) => [...played.asked])), patienceMs };
}

/** A failure that the mutation does not explain is looked at once more: it may have been the machine. */
async function verdictOn(permission: Permission, play: Play, patienceMs: number): Promise<Verdict> {
  const first = judge(permission, await play([permission], patienceMs));
  return first.type === "unclear"
    ? judge(permission, await play([permission], UNMUTATED_PATIENCE_MS))
    : first;
}

function judge(permission: Permission, { denied, failure }: Played): Verdict {
  const wasDenied = denied.has(permission);
  if (!failure) return { type: "not needed", asked: wasDenied };
  return { type: wasDenied ? "caught" : "unclear", by: failure.check, message: failure.message };
}

function explained(
  permission: Permission,
  verdict: Verdict = { type: "not needed", asked: false },
  unexercised: readonly Unexercised[],
): Verdict {
  if (verdict.type !== "not needed") return verdict;
  const entry = unexercised.find((each) => speaksOf(each, permission));
  return entry ? { type: "stays", entry } : verdict;
}

function staleEntries(
  permissions: readonly Permission[],
  results: readonly Result[],
  unexercised: readonly Unexercised[],
): string[] {
  const caught = results.flatMap(({ permission, verdict }) =>
    verdict.type === "caught" && unexercised.some((each) => speaksOf(each, permission))
      ? [`${nameOf(permission)} is needed: "${verdict.by}" fails without it`]
      : [],
  );
  const unknown = unexercised.flatMap(({ holders, actions, through }) =>
    holders.flatMap((holder) =>
      actions
        .map((action) => ({ holder, action, through }))
        .filter((named) => !permissions.some((permission) => isNamed(permission, named)))
        .map((named) => `${nameOf(named)} is allowed by no policy`),
    ),
  );
  return [...caught, ...unknown];
}

type Named = Pick<Permission, "holder" | "action" | "through">;

/** Such as `process-orders: kms:Decrypt through dynamodb`. */
export function nameOf({ holder, action, through }: Named): string {
  return `${holder}: ${action}${through === undefined ? "" : ` through ${through}`}`;
}

function speaksOf({ holders, actions, through }: Unexercised, permission: Permission): boolean {
  return holders.some((holder) => actions.some((action) => isNamed(permission, { holder, action, through })));
}

function isNamed({ holder, action, through }: Named, named: Named): boolean {
  return holder === named.holder && action === named.action && through === named.through;
}

function passed({ failure }: { readonly failure?: Failure }, when: string): void {
  if (failure) throw failed(`${when}, this fails: ${failure.check}: ${failure.message}`);
}

function failed(reason: string): CommandError {
  return new CommandError(`The exercise proves nothing: ${reason}.`, { exitCode: EXIT.findings });
}

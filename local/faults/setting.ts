import { readFileSync } from "node:fs";
import { readFaultPlan, type FaultPlan } from "./rules";

/**
 * What `LOCAL_FAULTS` asks for: `on` lets the run take plans, a path of a JSON file gives it one to begin with.
 *
 * @returns `undefined` without the setting: the run takes no faults
 * @throws Error that says what is wrong with the setting, the file or the plan in it
 */
export function readFaultsSetting(
  setting: string | undefined,
): { readonly plan?: FaultPlan | undefined } | undefined {
  if (setting === undefined) return undefined;
  if (setting === "on") return {};
  try {
    return { plan: readFaultPlan(JSON.parse(readFileSync(setting, "utf8"))) };
  } catch (error) {
    throw new Error(
      `LOCAL_FAULTS=${setting} cannot be used: give "on", or a JSON file with a plan. ${(error as Error).message}`,
      { cause: error },
    );
  }
}

import { localStack } from "../ops/target";
import { Console } from "./server/console";

/**
 * The console of a local run, by the same readers as of a deployed stack: it asks the run's AWS endpoint.
 *
 * @param outputs as the run writes them
 */
export function localConsole(outputs: object): Console {
  return new Console(localStack(outputs), outputs);
}

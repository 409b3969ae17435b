import type { Stack } from "../../ops/target";
import type { StackView } from "../api";
import { CALM_PAUSE_MS, type ViewReader } from "./viewReader";

/** Shows the outputs of the stack, each with a name such as `downstreamQueueUrls.accounting`. */
export function stackReader({ name, region }: Stack, outputs: object): ViewReader<StackView> {
  const view = { stack: name, region, outputs: flatten(outputs) };
  return { read: () => Promise.resolve(view), pauseMs: () => CALM_PAUSE_MS };
}

function flatten(value: object, prefix = ""): [name: string, value: string][] {
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
    typeof member === "object" && member !== null
      ? flatten(member, `${prefix}${key}.`)
      : [[`${prefix}${key}`, String(member)] as [string, string]],
  );
}

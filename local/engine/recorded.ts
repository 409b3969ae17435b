import type { ResourceGraph } from "../aws/resource";
import type { WireProperties } from "./protocol";

/** One resource as it was registered, with everything that a policy pack is shown (pulumirpc.AnalyzerResource). */
export interface RawResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** False for components and the stack: no provider makes them. */
  readonly custom: boolean;
  /** The URN of the parent; empty for the stack itself. */
  readonly parent: string;
  /** `URN::ID` of an explicit provider; empty for the default one. */
  readonly provider: string;
  /** Empty for components, and in a preview. */
  readonly id: string;
  /** Secrets, assets and unknown values still tagged. */
  readonly inputs: WireProperties;
  readonly outputs: WireProperties;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly options: RawResourceOptions;
}

export interface RawResourceOptions {
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  /** Absent when the program leaves the choice to the provider. */
  readonly deleteBeforeReplace?: boolean;
  /** URNs that the resource had before. */
  readonly aliases: readonly string[];
  /** Durations such as `5m`; empty where the program gives none. */
  readonly customTimeouts: { readonly create: string; readonly update: string; readonly delete: string };
}

/** What the program said through `pulumi.log`; debug messages are left out. */
export interface LogEntry {
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
  /** The resource that it is about; empty when none. */
  readonly urn: string;
}

/** What one run of a program registered. */
export interface Recorded {
  /** Everything in plain JSON; components and the stack are in it, with an empty `id`. */
  readonly graph: ResourceGraph;
  /** The same resources in the same order, as they travelled. */
  readonly raw: readonly RawResource[];
  readonly logs: readonly LogEntry[];
}

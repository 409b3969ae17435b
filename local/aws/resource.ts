/** One resource of the recorded graph, as plain JSON: secrets are unwrapped, outputs resolved. */
export interface Resource {
  readonly urn: string;
  /** Such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** The logical name that the program gave it. */
  readonly name: string;
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The inputs plus what the provider computes: physical `name`, `arn`, `url`. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly parent: string;
  readonly dependencies: readonly string[];
  /** For each input property, the URNs of the resources that its value came from. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect: boolean;
}

/** What a program registered in one run, in order of registration. */
export interface ResourceGraph {
  readonly project: string;
  readonly stack: string;
  readonly resources: readonly Resource[];
  /** The stack's outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * A service of the local run: which resource types it hosts, and how. Resources come in order of registration, so
 * whatever an input refers to has been hosted before; what only has to hold at call time is looked up at call time.
 */
export interface ResourceHost {
  readonly hosts: Readonly<Record<string, (resource: Resource) => void | Promise<void>>>;
  /** Called once every resource is hosted. */
  start?(): void | Promise<void>;
  /** Ends pollers, timers and workers; resolves when nothing of the service runs any more. */
  stop?(): void | Promise<void>;
}

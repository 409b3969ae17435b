import { awsProvider } from "./provider";
import { RecordingEngine } from "./recordingEngine";
import { loadStackConfig, regionOf, type StackConfig, type StackConfigSource } from "./stackConfig";

/** Which program to record, as which stack. */
export interface RecordOptions extends StackConfigSource {
  /** Where the local run listens, such as `http://127.0.0.1:4000`. */
  readonly origin: string;
  /** Records what `pulumi preview` shows: whatever a provider computes is unknown. */
  readonly preview?: boolean;
  /** Ends a run that takes longer, in milliseconds; 2 minutes when absent. */
  readonly timeoutMs?: number;
}

export const DEFAULT_TIMEOUT_MS = 120_000;

/** The organization that a program sees; `pulumi.getOrganization()`. */
export const ORGANIZATION = "local";

/**
 * The engine for one run of a stack.
 *
 * @throws StackConfigError when the stack's configuration cannot be used
 */
export function prepareEngine(options: RecordOptions): { config: StackConfig; engine: RecordingEngine } {
  const config = loadStackConfig(options);
  const engine = new RecordingEngine({
    project: config.project,
    stack: config.stack,
    preview: options.preview ?? false,
    provider: awsProvider({ region: regionOf(config), origin: options.origin }),
  });
  return { config, engine };
}

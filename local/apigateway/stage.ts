import type { Clock } from "../clock";
import type { AccessLogSettings } from "./accessLog";
import { TokenBucket } from "./throttle";

/** Limits of one method; -1 stands for the account's, which a local run does not reach. */
export interface ThrottleSettings {
  /** Resource path and method, such as `/things/POST`, or `*` `/` `*` for all. */
  readonly methodPath: string;
  readonly ratePerSecond: number;
  readonly burst: number;
}

/** A stage of the API. */
export class Stage {
  private readonly throttles = new Map<string, ThrottleSettings>();
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(
    readonly name: string,
    readonly variables: Readonly<Record<string, string>>,
    readonly isTraced: boolean,
    readonly accessLog: AccessLogSettings | undefined,
    private readonly clock: Clock,
  ) {}

  throttle(settings: ThrottleSettings): void {
    this.throttles.set(settings.methodPath, settings);
  }

  /**
   * Whether a method may be called now. Limits for all methods of a stage count per method ("applied at the API method
   * level for a stage", developer guide, throttle requests).
   */
  admits(resourcePath: string, httpMethod: string): boolean {
    const path = `${resourcePath}/${httpMethod}`;
    const settings = this.throttles.get(path) ?? this.throttles.get("*/*");
    if (!settings || settings.ratePerSecond < 0 || settings.burst < 0) return true;
    const bucket =
      this.buckets.get(path) ?? new TokenBucket(this.clock, settings.ratePerSecond, settings.burst);
    this.buckets.set(path, bucket);
    return bucket.take();
  }
}

/**
 * The method path of `MethodSettings` as `{resource path}/{method}`: slashes of the resource path may come escaped, as
 * in a JSON pointer.
 */
export function parseMethodPath(methodPath: string): string {
  const path = methodPath.replaceAll("~1", "/");
  return path === "*/*" || path.startsWith("/") ? path : `/${path}`;
}

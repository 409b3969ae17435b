import { randomUUID } from "node:crypto";
import { ACCOUNT_ID } from "../aws/arn";
import { randomText } from "../aws/randomText";
import { Overrides } from "./templateVariables";
import { Builtin, memberOf, toJavaString, type VtlValue } from "./vtl/values";

/** What is known of a call; grows while it is answered. Names are those of `$context` in the mapping reference. */
export interface ContextValues {
  readonly apiId: string;
  readonly stage: string;
  readonly httpMethod: string;
  /** With the stage, without the query. */
  readonly path: string;
  readonly protocol: string;
  readonly domainName: string;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly requestTimeEpoch: number;
  readonly requestId: string;
  readonly xrayTraceId: string | undefined;
  resourceId?: string;
  resourcePath?: string;
  claims?: Readonly<Record<string, unknown>>;
  error?: {
    readonly message: string;
    readonly responseType: string;
    readonly validationErrorString?: string;
  };
  /** Only access logs can read what follows. */
  status?: number;
  responseLength?: number;
  responseLatency?: number;
  integrationStatus?: number;
  integrationLatency?: number;
  integrationError?: string;
}

/** A request id that its client sent is taken over (`$context.requestId`: "clients can override this"). */
export function requestIdOf(header: string | undefined): string {
  return header !== undefined && /^[\x21-\x7e]{1,128}$/.test(header) ? header : randomUUID();
}

/** `$context` of one call. */
export class CallContext extends Builtin {
  readonly extendedRequestId = randomText(11, "base64");
  readonly requestOverride = new Overrides(["header", "path", "querystring"], []);
  readonly responseOverride = new Overrides(["header"], ["status"]);

  constructor(readonly values: ContextValues) {
    super();
  }

  override property(name: string): VtlValue {
    switch (name) {
      case "accountId":
        return ACCOUNT_ID;
      case "extendedRequestId":
        return this.extendedRequestId;
      case "requestOverride":
        return this.requestOverride;
      case "responseOverride":
        return this.responseOverride;
      case "requestTime":
        return commonLogTime(this.values.requestTimeEpoch);
      case "requestTimeEpoch":
        return String(this.values.requestTimeEpoch);
      case "domainPrefix":
        return this.values.domainName.split(/[.:]/, 1)[0];
      case "identity":
        return { sourceIp: this.values.sourceIp, userAgent: this.values.userAgent, accountId: "" };
      case "authorizer":
        return this.values.claims && { claims: new Claims(this.values.claims) };
      case "integration":
        return { status: this.values.integrationStatus, latency: this.values.integrationLatency };
      case "error":
        return this.values.error && errorValues(this.values.error);
      case "claims":
      case "sourceIp":
      case "userAgent":
        return undefined;
      default:
        return this.plainValue(name);
    }
  }

  /**
   * The text that stands for a variable in access logs and gateway responses.
   *
   * @param path without `$context`, such as `["error", "message"]`
   */
  text(path: readonly string[]): string | undefined {
    const value = path.reduce<VtlValue>(memberOf, this);
    return value === null || value === undefined || typeof value === "object"
      ? undefined
      : toJavaString(value);
  }

  private plainValue(name: string): VtlValue {
    if (!Object.hasOwn(this.values, name)) return undefined;
    const value = this.values[name as keyof ContextValues];
    return typeof value === "string" || typeof value === "number" ? value : undefined;
  }
}

/** `$context.authorizer.claims`: by itself it is null, its members are text. */
class Claims extends Builtin {
  constructor(private readonly claims: Readonly<Record<string, unknown>>) {
    super();
  }

  override property(name: string): VtlValue {
    const claim = Object.hasOwn(this.claims, name) ? this.claims[name] : undefined;
    return claim === undefined || typeof claim === "string" ? claim : JSON.stringify(claim);
  }

  override call(method: string, args: readonly VtlValue[]): VtlValue {
    return method === "get" ? this.property(toJavaString(args[0])) : super.call(method, args);
  }
}

function errorValues(error: NonNullable<ContextValues["error"]>): Readonly<Record<string, VtlValue>> {
  return {
    message: error.message,
    messageString: JSON.stringify(error.message),
    responseType: error.responseType,
    validationErrorString: error.validationErrorString,
  };
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Requests of one second have the same time, which is asked for once each at least. */
let latestTime = { second: NaN, text: "" };

/** `dd/MMM/yyyy:HH:mm:ss +0000`. */
function commonLogTime(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== latestTime.second) latestTime = { second, text: formatCommonLogTime(epochMs) };
  return latestTime.text;
}

function formatCommonLogTime(epochMs: number): string {
  const iso = new Date(epochMs).toISOString();
  const month = MONTHS[Number(iso.slice(5, 7)) - 1] ?? "";
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

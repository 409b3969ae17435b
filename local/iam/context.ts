import { ACCOUNT_ID, parseArn } from "../aws/arn";
import type { Caller } from "../aws/caller";
import type { Clock } from "../clock";

/**
 * The condition keys that the local run supplies, in lower case: those of the caller and the time, and those that
 * the hosted services pass with a request. A policy that asks for another key cannot be decided here.
 */
const KNOWN_KEYS = new Set([
  "aws:currenttime",
  "aws:epochtime",
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principalisawsservice",
  "aws:principalservicename",
  "aws:principaltype",
  "aws:requestedregion",
  "aws:resourceaccount",
  "aws:securetransport",
  "aws:sourceaccount",
  "aws:sourcearn",
  "aws:sourceip",
  "aws:sourceowner",
  "aws:viaawsservice",
  "kms:calleraccount",
  "kms:grantisforawsresource",
  "kms:viaservice",
]);
const KNOWN_FAMILY = "kms:encryptioncontext:";

/** Whether the local run can tell the value of a condition key (in any case). */
export function isKnownKey(key: string): boolean {
  const name = key.toLowerCase();
  return KNOWN_KEYS.has(name) || name.startsWith(KNOWN_FAMILY);
}

/** The principal's ARN as policies and messages name it: a session's for a role, the service's name for a service. */
export function principalName(caller: Caller): string {
  if (caller.type === "service") return caller.service;
  if (caller.type === "administrator") return `arn:aws:iam::${ACCOUNT_ID}:root`;
  const role = caller.roleArn.slice(caller.roleArn.lastIndexOf("/") + 1);
  return `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${role}/${caller.sessionName}`;
}

/** The condition keys that a service passes with a request, in any case. */
export type GivenKeys = Readonly<Record<string, string>>;

/** The value that the service passed. @param key in lower case */
export function givenValue(given: GivenKeys | undefined, key: string): string | undefined {
  for (const name in given) if (name.toLowerCase() === key) return given[name];
  return undefined;
}

/** What is known of one request, looked up only as conditions ask for it. */
export class RequestContext {
  /** The keys that were looked up, in lower case, with what the service had passed for each. */
  readonly lookups = new Map<string, string | undefined>();
  private timeLookedUp = false;

  constructor(
    readonly caller: Caller,
    private readonly resource: string,
    private readonly given: GivenKeys | undefined,
    private readonly clock: Clock,
    private readonly region: string,
  ) {}

  /** Whether the time was looked up. */
  get askedForTime(): boolean {
    return this.timeLookedUp;
  }

  /**
   * The values of a condition key, `undefined` when the request has none.
   *
   * @param key in lower case
   */
  values(key: string): readonly string[] | undefined {
    const given = givenValue(this.given, key);
    this.lookups.set(key, given);
    const value = given ?? this.ofCaller(key) ?? this.ofRequest(key);
    return value === undefined ? undefined : [value];
  }

  private ofCaller(key: string): string | undefined {
    const { caller } = this;
    switch (key) {
      case "aws:principalisawsservice":
        return String(caller.type === "service");
      case "aws:principalservicename":
        return caller.type === "service" ? caller.service : undefined;
      case "aws:sourcearn":
        return caller.type === "service" ? caller.sourceArn : undefined;
      case "aws:sourceaccount":
        return caller.type === "service" ? accountOf(caller.sourceArn) : undefined;
      case "aws:sourceip":
        return caller.type === "service" ? undefined : "127.0.0.1";
      case "aws:principalarn":
        return caller.type === "role" ? caller.roleArn : undefined;
      case "aws:principaltype":
        return caller.type === "role" ? "AssumedRole" : undefined;
      case "aws:principalaccount":
      case "kms:calleraccount":
        return caller.type === "service" ? undefined : ACCOUNT_ID;
      default:
        return undefined;
    }
  }

  private ofRequest(key: string): string | undefined {
    switch (key) {
      case "aws:securetransport":
        return "true"; // Loopback stands for the TLS that every client of AWS uses.
      case "aws:viaawsservice":
        return "false";
      case "aws:requestedregion":
        return this.region;
      case "aws:sourceowner":
        return ACCOUNT_ID;
      case "aws:resourceaccount":
        return accountOf(this.resource);
      case "aws:currenttime":
        return new Date(this.time()).toISOString();
      case "aws:epochtime":
        return String(Math.floor(this.time() / 1000));
      default:
        return undefined;
    }
  }

  private time(): number {
    this.timeLookedUp = true;
    return this.clock.now();
  }
}

/** The account in an ARN; the run's own where the ARN has none, as an API's, or is `*`. */
function accountOf(arn: string): string {
  return (arn.startsWith("arn:") ? parseArn(arn).account : "") || ACCOUNT_ID;
}

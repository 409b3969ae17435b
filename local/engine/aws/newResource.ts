import { createHash } from "node:crypto";
import { ACCOUNT_ID } from "../../aws/arn";

/** A registration as a provider sees it. */
export interface ResourceRequest {
  readonly urn: string;
  readonly type: string;
  /** The logical name. */
  readonly name: string;
  /** Plain JSON. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What the provider computes: the physical id beside the output properties. */
export type Computed = { readonly id: string } & Readonly<Record<string, unknown>>;

/** By resource type, such as `aws:sqs/queue:Queue`, how to compute what AWS would answer. */
export type ResourceTypes = Readonly<Record<string, (resource: NewResource) => Computed>>;

export interface NameRules {
  /** The most characters that the service allows in a name. */
  readonly maxLength: number;
  /** Ends every name that is made up, such as `.fifo`. */
  readonly suffix?: string;
}

/** A time for everything that AWS dates: the same in every run. */
export const CREATED = "2025-01-01T00:00:00.000";

const RANDOM_LENGTH = 7;
const LOWER_CASE_ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789";
const UPPER_CASE_ALPHANUMERIC = LOWER_CASE_ALPHANUMERIC.toUpperCase();

/** A resource that is being created, with the readers and makers that the resource types share. */
export class NewResource {
  readonly origin: string;
  /** The resource's own `region` (@pulumi/aws 7), or the provider's. */
  readonly region: string;

  constructor(
    private readonly request: ResourceRequest,
    provider: { readonly region: string; readonly origin: string },
  ) {
    this.origin = provider.origin;
    this.region = this.optionalText("region") ?? provider.region;
  }

  get inputs(): Readonly<Record<string, unknown>> {
    return this.request.inputs;
  }

  /** @throws Error that names resource and property when the input is no text */
  text(property: string): string {
    const value = this.optionalText(property);
    if (value === undefined) this.refuse(`has no "${property}"`);
    return value;
  }

  optionalText(property: string): string | undefined {
    const value = this.request.inputs[property];
    if (value === undefined || typeof value === "string") return value;
    return this.refuse(`needs a text as "${property}", not ${JSON.stringify(value)}`);
  }

  /**
   * The physical name as Pulumi's auto-naming makes it: the given one, or the logical name with 7 random hexadecimal
   * digits, here derived from the URN (Pulumi documentation, "Auto-naming"). A name that AWS would find too long is an
   * error, as in the provider.
   */
  physicalName({ maxLength, suffix = "" }: NameRules, property = "name"): string {
    const given = this.optionalText(property);
    const prefix = this.optionalText(`${property}Prefix`) ?? `${this.request.name}-`;
    const name = given ?? `${prefix}${this.random("name").slice(0, RANDOM_LENGTH)}${suffix}`;
    if (name.length > maxLength)
      this.refuse(
        `would be named "${name}", which is longer than the ${maxLength} characters that AWS allows`,
      );
    return name;
  }

  /** Lower-case letters and digits, as API Gateway and Cognito make their ids. */
  lowerCaseId(length: number, purpose = "id"): string {
    return this.spell(length, purpose, LOWER_CASE_ALPHANUMERIC);
  }

  /** Upper-case letters and digits, as IAM makes its ids. */
  upperCaseId(length: number, purpose = "id"): string {
    return this.spell(length, purpose, UPPER_CASE_ALPHANUMERIC);
  }

  uuid(purpose = "id"): string {
    const hex = this.random(purpose);
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `a${hex.slice(17, 20)}`,
      hex.slice(20, 32),
    ].join("-");
  }

  /** An ARN in the resource's region and the run's account. */
  arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.region}:${ACCOUNT_ID}:${resource}`;
  }

  /** An ARN of a service without regions. */
  globalArn(service: string, resource: string): string {
    return `arn:aws:${service}::${ACCOUNT_ID}:${resource}`;
  }

  /** @throws Error that names the resource and says what is wrong with it */
  refuse(problem: string): never {
    throw new Error(`"${this.request.name}" (${this.request.type}) ${problem}.`);
  }

  private spell(length: number, purpose: string, alphabet: string): string {
    const bytes = createHash("sha256").update(`${this.request.urn}#${purpose}`).digest();
    return Array.from(
      { length },
      (_, index) => alphabet[(bytes[index % bytes.length] ?? 0) % alphabet.length],
    ).join("");
  }

  private random(purpose: string): string {
    return createHash("sha256").update(`${this.request.urn}#${purpose}`).digest("hex");
  }
}

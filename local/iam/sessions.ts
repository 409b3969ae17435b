import { randomBytes } from "node:crypto";
import { ADMINISTRATOR, type Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import { principalName } from "./context";

/** What the SDK signs with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The temporary credentials that the run has handed out, and to whom. They do not expire. */
export class Sessions {
  private readonly callers = new Map<string, Caller>();
  private readonly credentials = new Map<string, Credentials>();

  /** The credentials of a role's session: the same each time. */
  credentialsOf(caller: Caller): Credentials {
    const session = principalName(caller);
    const known = this.credentials.get(session);
    if (known) return known;
    const credentials = {
      accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString("base64"),
      sessionToken: randomBytes(60).toString("base64"),
    };
    this.credentials.set(session, credentials);
    this.callers.set(credentials.accessKeyId, caller);
    return credentials;
  }

  /**
   * Whoever signs with an access key id. One that the run did not hand out is the administrator's: an operator's
   * tool or the AWS CLI needs no set-up.
   *
   * @throws AwsError `MissingAuthenticationTokenException` for a request without a signature
   */
  callerOf(accessKeyId: string | undefined): Caller {
    if (accessKeyId === undefined)
      throw new AwsError(
        "MissingAuthenticationTokenException",
        "Request is missing Authentication Token",
        403,
      );
    return this.callers.get(accessKeyId) ?? ADMINISTRATOR;
  }
}

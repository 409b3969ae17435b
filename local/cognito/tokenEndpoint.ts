import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { readBody } from "../aws/requestBody";
import { AwsError } from "../aws/error";
import type { UserPool, UserPoolClient, UserPools } from "./pools";

/** An error of the OAuth token endpoint (RFC 6749, section 5.2; Cognito Developer Guide, token endpoint). */
class OAuthError extends Error {
  constructor(
    readonly code:
      | "invalid_request"
      | "invalid_client"
      | "invalid_scope"
      | "unauthorized_client"
      | "unsupported_grant_type",
    description: string,
  ) {
    super(description);
  }
}

/** More than any request for a token; nothing in it can keep the run busy. */
const LIMIT_BYTES = 16_384;

/** A request for a token of a user, which only the local run takes. */
const localRequest = z.strictObject({
  // What Cognito takes as a user's name (UsernameType, API reference); its own ids of users are UUIDs.
  sub: z
    .string()
    .max(128)
    .regex(/^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u),
  scope: z.string().max(2_048),
  /** Seconds; what is not above 0 gives an expired token, to try out the refusal. */
  expiresIn: z.number().int().min(-86_400).max(86_400).default(3_600),
  /** The only pool, or the first, when there is no word. */
  userPoolId: z.string().optional(),
});

/** Signs an access token. */
export type IssueAccessToken = (token: {
  readonly pool: UserPool;
  readonly clientId: string;
  readonly sub: string;
  readonly scope: string;
  readonly expiresInSeconds: number;
}) => Promise<string>;

/**
 * `POST /oauth2/token`: the client credentials grant as Cognito has it (a form), and, as a convenience of the local
 * run, tokens for any user (a JSON body).
 */
export class TokenEndpoint {
  constructor(
    private readonly pools: UserPools,
    private readonly issue: IssueAccessToken,
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(request, LIMIT_BYTES);
      const isJson = request.headers["content-type"]?.startsWith("application/json") === true;
      send(
        response,
        200,
        isJson ? await this.forUser(body) : await this.forClient(body, request.headers.authorization),
      );
    } catch (error) {
      if (error instanceof AwsError) send(response, error.status, { error: "invalid_request" });
      else if (error instanceof OAuthError)
        send(response, 400, { error: error.code, error_description: error.message });
      else throw error;
    }
  }

  private async forUser(body: string): Promise<object> {
    const { sub, scope, expiresIn, userPoolId } = parseLocalRequest(body);
    const pool = userPoolId === undefined ? this.pools.first() : this.pools.get(userPoolId);
    if (!pool) throw new OAuthError("invalid_request", `There is no user pool "${userPoolId}".`);
    requireScopes(pool, scope);
    const clientId = this.pools.clientOf(pool)?.id ?? "local";
    const accessToken = await this.issue({ pool, clientId, sub, scope, expiresInSeconds: expiresIn });
    return { accessToken, tokenType: "Bearer", expiresIn };
  }

  private async forClient(body: string, authorization: string | undefined): Promise<object> {
    const form = new URLSearchParams(body);
    const grant = form.get("grant_type");
    if (grant === null) throw new OAuthError("invalid_request", "grant_type is missing.");
    if (grant !== "client_credentials")
      throw new OAuthError(
        "unsupported_grant_type",
        `The local run grants client_credentials, not "${grant}".`,
      );
    const client = this.authenticate(form, authorization);
    if (!client.allowsClientCredentials)
      throw new OAuthError("unauthorized_client", "The client may not use the client credentials grant.");
    const scope = form.get("scope") ?? client.scopes.join(" ");
    for (const name of scopesOf(scope))
      if (!client.scopes.includes(name))
        throw new OAuthError("invalid_scope", `The client has no scope "${name}".`);
    const { id: clientId, pool, accessTokenSeconds } = client;
    const token = { pool, clientId, sub: clientId, scope, expiresInSeconds: accessTokenSeconds };
    return { access_token: await this.issue(token), expires_in: accessTokenSeconds, token_type: "Bearer" };
  }

  private authenticate(form: URLSearchParams, authorization: string | undefined): UserPoolClient {
    const [id, secret] = basicCredentials(authorization) ?? [
      form.get("client_id"),
      form.get("client_secret"),
    ];
    const client = this.pools.client(id ?? "");
    if (!client?.pool.hasDomain || client.secret === undefined || client.secret !== secret)
      throw new OAuthError(
        "invalid_client",
        "There is no such client with that secret, or its pool has no domain.",
      );
    return client;
  }
}

function parseLocalRequest(body: string): z.infer<typeof localRequest> {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    throw new OAuthError("invalid_request", "The body is not JSON.");
  }
  const result = localRequest.safeParse(document);
  if (result.success) return result.data;
  throw new OAuthError("invalid_request", z.prettifyError(result.error));
}

function requireScopes(pool: UserPool, scope: string): void {
  for (const name of scopesOf(scope))
    if (!pool.isStandIn && !pool.scopes.has(name))
      throw new OAuthError("invalid_scope", `No resource server of the pool has the scope "${name}".`);
}

function scopesOf(scope: string): readonly string[] {
  return scope.split(" ").filter((name) => name !== "");
}

function basicCredentials(authorization: string | undefined): readonly [string, string] | undefined {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [id = "", ...secret] = Buffer.from(encoded, "base64").toString().split(":");
  return [id, secret.join(":")];
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    "Content-Type": "application/json;charset=UTF-8",
    "Cache-Control": "no-store",
  });
  response.end(JSON.stringify(body));
}

import { TokenRefused, type TokenClaims } from "../cognito/claims";
import { GatewayFault } from "./faults";
import { headerOf } from "./templateVariables";

/** Verifies tokens of user pools. */
export interface TokenVerifier {
  /** @throws TokenRefused */
  verify(token: string): Promise<TokenClaims>;
  /** @returns the issuer of the pool's tokens; a pool that nobody defines is played by the run */
  standInFor(poolArn: string): string;
}

/** A `COGNITO_USER_POOLS` authorizer. */
export interface CognitoAuthorizer {
  readonly headerName: string;
  /** Of the pools that it accepts. */
  readonly issuers: ReadonlySet<string>;
  /** Matched against the token's `aud` (API reference, CreateAuthorizer, identityValidationExpression). */
  readonly audience: RegExp | undefined;
}

/**
 * Authenticates a request: without scopes on the method an ID token is expected, with scopes an access token that has
 * any of them (developer guide, integrate a REST API with a user pool). A token may stand alone or after `Bearer`.
 *
 * @throws GatewayFault 401 for anything but that
 */
export async function authenticate(
  authorizer: CognitoAuthorizer,
  scopes: readonly string[],
  headers: Readonly<Record<string, string>>,
  verifier: TokenVerifier,
): Promise<TokenClaims> {
  const token = headerOf(headers, authorizer.headerName)
    ?.replace(/^Bearer\s+/i, "")
    .trim();
  if (token === undefined || token === "") throw unauthorized();
  const claims = await verified(token, verifier);
  if (!authorizer.issuers.has(claims.iss)) throw unauthorized();
  if (authorizer.audience && !authorizer.audience.test(claims.aud ?? "")) throw unauthorized();
  if (!isMeantFor(claims, scopes)) throw unauthorized();
  return claims;
}

async function verified(token: string, verifier: TokenVerifier): Promise<TokenClaims> {
  try {
    return await verifier.verify(token);
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    throw error.isExpired
      ? new GatewayFault("UNAUTHORIZED", "The incoming token has expired")
      : unauthorized();
  }
}

function isMeantFor(claims: TokenClaims, scopes: readonly string[]): boolean {
  if (scopes.length === 0) return claims.token_use === "id";
  if (claims.token_use !== "access") return false;
  const granted = (claims.scope ?? "").split(" ");
  return scopes.some((scope) => granted.includes(scope));
}

function unauthorized(): GatewayFault {
  return new GatewayFault("UNAUTHORIZED", "Unauthorized");
}

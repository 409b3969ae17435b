import type { IncomingMessage, ServerResponse } from "node:http";
import type { ResourceHost } from "../aws/resource";
import type { Clock } from "../clock";
import type { Store } from "../store";
import { TokenRefused, type TokenClaims } from "./claims";
import { UserPools, type UserPool } from "./pools";
import { openSigningKey, type SigningKey } from "./signingKey";
import { TokenEndpoint } from "./tokenEndpoint";
import { Tokens } from "./tokens";

const JWKS_PATH = /^\/([^/?]+)\/\.well-known\/jwks\.json$/;
const TOKEN_PATH = "/oauth2/token";

/** A token to issue. */
export interface TokenRequest {
  readonly sub: string;
  /** The first client of the pool when not given. */
  readonly clientId?: string;
  /** 3,600 when not given; what is not above 0 gives an expired token. */
  readonly expiresInSeconds?: number;
  /** The first pool when not given. */
  readonly userPoolId?: string;
}

/** Amazon Cognito user pools, as far as tokens go: there are no users, whoever asks gets a token for any `sub`. */
export class Cognito implements ResourceHost {
  readonly hosts: ResourceHost["hosts"];

  private readonly pools: UserPools;
  private readonly key: Promise<SigningKey>;
  private readonly tokens: Tokens;
  private readonly endpoint: TokenEndpoint;

  constructor({
    store,
    clock,
    region,
  }: {
    readonly store: Store;
    readonly clock: Clock;
    readonly region: string;
  }) {
    this.pools = new UserPools(region);
    this.hosts = this.pools.hosts;
    this.key = openSigningKey(store);
    // Awaited by start, unless the run is refused before: then the store may be gone.
    this.key.catch(() => undefined);
    this.tokens = new Tokens(clock, this.key);
    this.endpoint = new TokenEndpoint(this.pools, (token) => this.accessToken(token));
  }

  /** Resolves once tokens can be signed. */
  async start(): Promise<void> {
    await this.key;
  }

  /**
   * Lets the run stand in for a pool that the program does not define.
   *
   * @param poolArn `arn:aws:cognito-idp:{region}:{account}:userpool/{id}`
   * @returns the issuer of the pool's tokens
   */
  standInFor(poolArn: string): string {
    return this.pools.standInFor(poolArn);
  }

  /** An access token of a user. @param request.scope separated by spaces */
  issueAccessToken(request: TokenRequest & { readonly scope: string }): Promise<string> {
    const pool = this.pool(request.userPoolId);
    return this.accessToken({
      pool,
      clientId: request.clientId ?? this.clientId(pool),
      sub: request.sub,
      scope: request.scope,
      expiresInSeconds: request.expiresInSeconds ?? 3_600,
    });
  }

  /** An ID token of a user. */
  issueIdToken(request: TokenRequest): Promise<string> {
    const pool = this.pool(request.userPoolId);
    const { sub, clientId = this.clientId(pool), expiresInSeconds = 3_600 } = request;
    const claims = { sub, token_use: "id", aud: clientId, "cognito:username": sub };
    return this.tokens.sign(pool.issuer, claims, expiresInSeconds);
  }

  /**
   * Verifies a token of any of the pools.
   *
   * @throws TokenRefused for another signature, algorithm or issuer, and for an expired token
   */
  async verify(token: string): Promise<TokenClaims> {
    const claims = await this.tokens.verify(token);
    if (!this.pools.byIssuer(claims.iss)) throw new TokenRefused("The token is of another user pool.");
    return claims;
  }

  /** Whether {@link handle} serves the path. */
  serves(path: string): boolean {
    return path === TOKEN_PATH || JWKS_PATH.test(path);
  }

  /** Serves `POST /oauth2/token` and `GET /{poolId}/.well-known/jwks.json`. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    if (path === TOKEN_PATH && request.method === "POST") return this.endpoint.handle(request, response);
    const poolId = JWKS_PATH.exec(path)?.[1];
    const isKnown = request.method === "GET" && poolId !== undefined && this.pools.get(poolId) !== undefined;
    const body = isKnown ? { keys: [(await this.key).publicJwk] } : { message: "Not Found" };
    response.writeHead(isKnown ? 200 : 404, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  }

  private accessToken(token: {
    readonly pool: UserPool;
    readonly clientId: string;
    readonly sub: string;
    readonly scope: string;
    readonly expiresInSeconds: number;
  }): Promise<string> {
    const { pool, clientId, sub, scope, expiresInSeconds } = token;
    const claims = { sub, token_use: "access", scope, version: 2, client_id: clientId, username: sub };
    return this.tokens.sign(pool.issuer, claims, expiresInSeconds);
  }

  private pool(id: string | undefined): UserPool {
    const pool = id === undefined ? this.pools.first() : this.pools.get(id);
    if (!pool) throw new Error(`There is no user pool "${id}".`);
    return pool;
  }

  private clientId(pool: UserPool): string {
    return this.pools.clientOf(pool)?.id ?? "local";
  }
}

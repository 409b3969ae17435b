import { errors, jwtVerify, SignJWT } from "jose";
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../clock";
import { TokenRefused, type TokenClaims } from "./claims";
import type { SigningKey } from "./signingKey";

/** Verified tokens that are remembered; the oldest is forgotten first. */
const REMEMBERED_TOKENS = 10_000;

/** Far longer than any token of a pool. */
const LONGEST_TOKEN_CHARACTERS = 8_192;

const claimsSchema = z.looseObject({
  sub: z.string(),
  iss: z.string(),
  token_use: z.enum(["access", "id"]),
  exp: z.number(),
  scope: z.string().optional(),
  client_id: z.string().optional(),
  aud: z.string().optional(),
});

/** Signs and verifies the tokens of all pools. */
export class Tokens {
  private readonly verified = new Map<string, TokenClaims>();

  constructor(
    private readonly clock: Clock,
    private readonly key: Promise<SigningKey>,
  ) {}

  /**
   * Signs a token.
   *
   * @param expiresInSeconds from now; what is not above 0 gives a token that is expired
   */
  async sign(
    issuer: string,
    claims: Readonly<Record<string, unknown>>,
    expiresInSeconds: number,
  ): Promise<string> {
    const { kid, privateKey } = await this.key;
    const issuedAt = Math.floor(this.clock.now() / 1000);
    const times = { auth_time: issuedAt, iat: issuedAt, exp: issuedAt + expiresInSeconds };
    return new SignJWT({ ...claims, ...times, iss: issuer, jti: randomUUID() })
      .setProtectedHeader({ kid, alg: "RS256" })
      .sign(privateKey);
  }

  /**
   * Verifies signature (RS256 only), expiry and shape. A token that was verified before costs a look-up.
   *
   * @throws TokenRefused
   */
  async verify(token: string): Promise<TokenClaims> {
    const known = this.verified.get(token);
    if (known) {
      if (known.exp * 1000 > this.clock.now()) return known;
      this.verified.delete(token);
      throw new TokenRefused("The token has expired.", true);
    }
    const claims = await this.check(token);
    this.remember(token, claims);
    return claims;
  }

  private async check(token: string): Promise<TokenClaims> {
    if (token.length > LONGEST_TOKEN_CHARACTERS) throw new TokenRefused("The token is too long.");
    const { publicKey } = await this.key;
    try {
      const { payload } = await jwtVerify(token, publicKey, {
        algorithms: ["RS256"],
        currentDate: new Date(this.clock.now()),
      });
      return claimsSchema.parse(payload) as TokenClaims;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new TokenRefused("The token has expired.", true);
      if (error instanceof errors.JOSEError || error instanceof z.ZodError)
        throw new TokenRefused("The token is not valid.");
      throw error;
    }
  }

  private remember(token: string, claims: TokenClaims): void {
    const [oldest] = this.verified.keys();
    if (this.verified.size >= REMEMBERED_TOKENS && oldest !== undefined) this.verified.delete(oldest);
    this.verified.set(token, claims);
  }
}

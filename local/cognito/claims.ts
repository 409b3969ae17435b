/** The claims of a token that was verified. */
export interface TokenClaims {
  readonly sub: string;
  /** Such as `https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf`. */
  readonly iss: string;
  readonly token_use: "access" | "id";
  /** Seconds since the epoch. */
  readonly exp: number;
  /** Of an access token: separated by spaces. */
  readonly scope?: string;
  /** Of an access token. */
  readonly client_id?: string;
  /** Of an ID token: the client's id. */
  readonly aud?: string;
  readonly [name: string]: unknown;
}

/** The token is not one that a pool of this run signed, or it is not valid any more. */
export class TokenRefused extends Error {
  /** @param isExpired it was valid before */
  constructor(
    message: string,
    readonly isExpired: boolean = false,
  ) {
    super(message);
  }
}

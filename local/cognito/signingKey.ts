import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from "jose";
import { randomUUID } from "node:crypto";
import type { Store } from "../store";

/** The key with which all pools of the run sign. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** As the JWKS endpoint publishes it. */
  readonly publicJwk: JWK;
}

/**
 * Opens the signing key. It is made once for each store: with a folder, tokens outlive the run; without one, a
 * token of an earlier run is signed by another key, and is refused.
 */
export async function openSigningKey({ db }: Pick<Store, "db">): Promise<SigningKey> {
  db.exec("CREATE TABLE IF NOT EXISTS cognito_signing_key (kid TEXT PRIMARY KEY, jwk TEXT NOT NULL)");
  const read = db.prepare("SELECT kid, jwk FROM cognito_signing_key");
  const kept = read.get() as { readonly kid: string; readonly jwk: string } | undefined;
  if (kept) return importKey(kept.kid, JSON.parse(kept.jwk) as JWK);
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const [kid, jwk] = [randomUUID(), await exportJWK(privateKey)];
  db.prepare("INSERT INTO cognito_signing_key (kid, jwk) VALUES (?, ?)").run(kid, JSON.stringify(jwk));
  return importKey(kid, jwk);
}

async function importKey(kid: string, jwk: JWK): Promise<SigningKey> {
  const publicJwk: JWK = { kid, kty: "RSA", alg: "RS256", use: "sig", n: jwk.n ?? "", e: jwk.e ?? "" };
  return {
    kid,
    privateKey: (await importJWK(jwk, "RS256")) as CryptoKey,
    publicKey: (await importJWK(publicJwk, "RS256")) as CryptoKey,
    publicJwk,
  };
}

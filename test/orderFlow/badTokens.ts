import { createHmac, generateKeyPairSync, sign } from "node:crypto";

/** Tokens that no API may take, made from one that it takes. */
export function badTokens(token: string): readonly string[] {
  const [head = "", claims = "", signature = ""] = token.split(".");
  const header = JSON.parse(Buffer.from(head, "base64url").toString()) as Record<string, unknown>;
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const ofAnotherKey = (fields: Record<string, unknown>) => {
    const signed = `${encode({ ...header, ...fields })}.${claims}`;
    return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
  };
  const symmetric = `${encode({ ...header, alg: "HS256" })}.${claims}`;
  const mac = createHmac("sha256", publicKey.export({ type: "spki", format: "pem" })).update(symmetric);
  return [
    "garbage",
    "..",
    "a.b.c.d.e",
    `${encode({ alg: "none" })}.${claims}.`,
    `${encode({ alg: "None" })}.${claims}.${signature}`,
    `${symmetric}.${mac.digest("base64url")}`,
    ofAnotherKey({}),
    ofAnotherKey({ jwk: publicKey.export({ format: "jwk" }) }),
    ofAnotherKey({ kid: "../../../dev/null" }),
    `${encode({ ...header, crit: ["x"], x: 1 })}.${claims}.${signature}`,
    `${head}.${encode({ sub: "somebody-else", scope: "orders/read", token_use: "access" })}.${signature}`,
    `${head}.${claims}.`,
    `${head}.${claims}.${signature.slice(0, -4)}AAAA`,
    `${Buffer.from(`{"__proto__":${JSON.stringify(header)}}`).toString("base64url")}.${claims}.${signature}`,
    `${Buffer.from("[".repeat(2_000)).toString("base64url")}.${claims}.${signature}`,
    `${"x".repeat(3_000)}.${"x".repeat(3_000)}.${"x".repeat(3_000)}`,
  ];
}

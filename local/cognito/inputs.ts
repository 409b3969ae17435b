import * as z from "zod";

/** Understood, and without effect in a local run: it has no users, no sign-in pages and no messages. */
const irrelevant = z.unknown().optional();

export const userPoolInputs = z.strictObject({
  name: irrelevant,
  accountRecoverySetting: irrelevant,
  adminCreateUserConfig: irrelevant,
  aliasAttributes: irrelevant,
  autoVerifiedAttributes: irrelevant,
  deletionProtection: irrelevant,
  emailConfiguration: irrelevant,
  mfaConfiguration: irrelevant,
  passwordPolicy: irrelevant,
  region: irrelevant,
  schemas: irrelevant,
  signInPolicy: irrelevant,
  softwareTokenMfaConfiguration: irrelevant,
  tags: irrelevant,
  userAttributeUpdateSettings: irrelevant,
  userPoolAddOns: irrelevant,
  userPoolTier: irrelevant,
  usernameAttributes: irrelevant,
  usernameConfiguration: irrelevant,
  verificationMessageTemplate: irrelevant,
});

export const userPoolDomainInputs = z.strictObject({
  userPoolId: z.string(),
  domain: z.string(),
  certificateArn: irrelevant,
  managedLoginVersion: irrelevant,
  region: irrelevant,
});

export const resourceServerInputs = z.strictObject({
  userPoolId: z.string(),
  identifier: z.string(),
  scopes: z.array(z.strictObject({ scopeName: z.string(), scopeDescription: irrelevant })).default([]),
  name: irrelevant,
  region: irrelevant,
});

const timeUnit = z.enum(["seconds", "minutes", "hours", "days"]);

export const userPoolClientInputs = z.strictObject({
  userPoolId: z.string(),
  generateSecret: z.boolean().default(false),
  allowedOauthFlows: z.array(z.enum(["code", "implicit", "client_credentials"])).default([]),
  allowedOauthFlowsUserPoolClient: z.boolean().default(false),
  allowedOauthScopes: z.array(z.string()).default([]),
  accessTokenValidity: z.number().positive().default(1),
  tokenValidityUnits: z
    .strictObject({
      accessToken: timeUnit.default("hours"),
      idToken: irrelevant,
      refreshToken: irrelevant,
    })
    .default({ accessToken: "hours" }),
  name: irrelevant,
  authSessionValidity: irrelevant,
  callbackUrls: irrelevant,
  defaultRedirectUri: irrelevant,
  enablePropagateAdditionalUserContextData: irrelevant,
  enableTokenRevocation: irrelevant,
  explicitAuthFlows: irrelevant,
  idTokenValidity: irrelevant,
  logoutUrls: irrelevant,
  preventUserExistenceErrors: irrelevant,
  readAttributes: irrelevant,
  refreshTokenRotation: irrelevant,
  refreshTokenValidity: irrelevant,
  region: irrelevant,
  supportedIdentityProviders: irrelevant,
  writeAttributes: irrelevant,
});

export const poolOutputs = z.object({ arn: z.string() });
export const clientOutputs = z.object({ clientSecret: z.string().optional() });

/** In seconds. */
export const TIME_UNITS: Readonly<Record<z.infer<typeof timeUnit>, number>> = {
  seconds: 1,
  minutes: 60,
  hours: 3_600,
  days: 86_400,
};

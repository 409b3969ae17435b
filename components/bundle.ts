import * as pulumi from "@pulumi/pulumi";
import { build } from "esbuild";
import * as path from "node:path";

/** The file in the archive, and the function that Lambda calls in it. */
export const BUNDLE_HANDLER = "index.handler";

/**
 * The SDK loads these only when a process has no credentials in its environment, which a function always has:
 * left out, they make a bundle a fifth smaller.
 */
const OTHER_CREDENTIAL_PROVIDERS = [
  "@aws-sdk/credential-provider-http",
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-login",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-web-identity",
  "@smithy/credential-provider-imds",
];

/** Each is built once, however many stacks a process runs, while the program goes on. */
const bundles = new Map<string, Promise<string>>();

/**
 * Bundles one file of `handlers/` with everything it imports, the SDK included, into the archive of a function.
 * The same sources give the same bytes, so an unchanged function is not updated. Source maps would differ by folder.
 *
 * @param handler the file's name without its ending
 */
export function bundleHandler(handler: string): pulumi.asset.AssetArchive {
  return new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset(bundledCode(handler)) });
}

/** The code that `bundleHandler` puts in the archive. */
export function bundledCode(handler: string): Promise<string> {
  const code = bundles.get(handler) ?? buildBundle(handler);
  bundles.set(handler, code);
  return code;
}

async function buildBundle(handler: string): Promise<string> {
  const root = path.resolve(__dirname, "..");
  const result = await build({
    absWorkingDir: root,
    entryPoints: [path.join("handlers", `${handler}.ts`)],
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // The ES modules of the SDK can be shaken down to what is used; its CommonJS ones cannot.
    mainFields: ["module", "main"],
    external: OTHER_CREDENTIAL_PROVIDERS,
    legalComments: "none",
    write: false,
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error(`esbuild wrote nothing for handlers/${handler}.ts.`);
  return output.text;
}

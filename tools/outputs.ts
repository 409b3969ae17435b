import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { CommandError, type Terminal } from "./command";

/** Where the local run writes its outputs, under the project's folder, unless `LOCAL_OUTPUTS_FILE` says another place. */
const LOCAL_OUTPUTS = join(".local", "outputs.json");

const PULUMI_TIMEOUT_MS = 60_000;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** A URL that a token may be sent to: never in the clear over a network. */
export const serviceUrl = z
  .url({ protocol: /^https?$/, abort: true, error: "must be a URL such as https://example.com/v1" })
  .refine((url) => {
    const { protocol, hostname } = new URL(url);
    return protocol === "https:" || LOOPBACK.test(hostname);
  }, "must begin with https:// (http:// is for this machine only)");

/** What those who place orders need of a stack's outputs. */
export const stackOutputs = z.object({
  apiUrl: serviceUrl,
  /** There is none where the stack does not own its user pool. */
  tokenUrl: serviceUrl.optional(),
});

export type StackOutputs = z.infer<typeof stackOutputs>;

export const localOutputs = stackOutputs.extend({
  local: z.object({
    /** Gives a token for any customer to whoever asks. */
    tokenUrl: serviceUrl,
  }),
});

type World = Pick<Terminal, "env" | "projectRoot" | "signal">;

/**
 * The outputs of the local run.
 *
 * @throws CommandError when there is none
 */
export async function readLocalOutputs<Schema extends z.ZodType>(
  { env, projectRoot }: World,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const path = env["LOCAL_OUTPUTS_FILE"] ?? join(projectRoot, LOCAL_OUTPUTS);
  const text = await readFile(path, "utf8").catch(() => {
    throw new CommandError(`There is no local run (no ${path}). Start it with: npm start`);
  });
  return parseOutputs(text, schema, path, "Start it again with: npm start");
}

/**
 * The outputs of a deployed stack, by the Pulumi CLI.
 *
 * @throws CommandError when the CLI is missing or does not know the stack
 */
export async function readStackOutputs<Schema extends z.ZodType>(
  stack: string,
  terminal: World,
  schema: Schema,
): Promise<z.infer<Schema>> {
  if (!/^[\w.][\w.-]*(\/[\w.-]+){0,2}$/.test(stack))
    throw new CommandError(`"${stack}" is no stack's name. List them with: pulumi stack ls`);
  const text = await pulumi(["stack", "output", "--json", "--stack", stack], terminal);
  return parseOutputs(text, schema, `Stack ${stack}`, `Deploy it with: pulumi up --stack ${stack}`);
}

function pulumi(args: string[], { env, projectRoot, signal }: World): Promise<string> {
  const options = { cwd: projectRoot, env, signal, timeout: PULUMI_TIMEOUT_MS };
  return new Promise((resolve, reject) => {
    execFile("pulumi", args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const reason =
        error.code === "ENOENT"
          ? "is not installed: https://www.pulumi.com/docs/install/"
          : stderr.trim().split("\n")[0];
      reject(
        new CommandError(`The Pulumi CLI cannot say the stack's outputs: pulumi ${reason || error.message}`),
      );
    });
  });
}

function parseOutputs<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  source: string,
  remedy: string,
): z.infer<Schema> {
  let outputs: unknown;
  try {
    outputs = JSON.parse(text);
  } catch {
    throw new CommandError(`${source}: the outputs are not JSON. ${remedy}`);
  }
  const parsed = schema.safeParse(outputs);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CommandError(`${source}: the output ${issue?.path.join(".")} is missing or wrong. ${remedy}`);
}

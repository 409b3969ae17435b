import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { RuntimeError } from "./errors";

export type Handler = (event: unknown, context: object) => unknown;

const EXTENSIONS = [".js", ".mjs", ".cjs"];
/** A handler that takes a callback declares it as a third parameter. */
const CALLBACK_PARAMETERS = 3;

/**
 * Loads the function's handler from its unpacked archive.
 *
 * @param handlerName a file without its ending, then the export, such as `index.handler`
 * @throws RuntimeError as Lambda's runtime names it; what the module itself throws comes as it is
 */
export async function loadHandler(taskRoot: string, handlerName: string): Promise<Handler> {
  const [, module, path] = /^([^.]+)\.(.+)$/.exec(basename(handlerName)) ?? [];
  if (module === undefined || path === undefined)
    throw new RuntimeError("Runtime.MalformedHandlerName", `Bad handler ${handlerName}`);
  const base = join(taskRoot, dirname(handlerName), module);
  const file = EXTENSIONS.map((extension) => base + extension).find(existsSync);
  if (file === undefined)
    throw new RuntimeError("Runtime.ImportModuleError", `Error: Cannot find module '${module}'`);

  let target: unknown = await loadModule(file, taskRoot);
  for (const name of path.split(".")) target = (target as Record<string, unknown> | undefined)?.[name];
  if (target === undefined)
    throw new RuntimeError("Runtime.HandlerNotFound", `${handlerName} is undefined or not exported`);
  if (typeof target !== "function")
    throw new RuntimeError("Runtime.HandlerNotFound", `${handlerName} is not a function`);
  if (target.length >= CALLBACK_PARAMETERS)
    throw new RuntimeError(
      "Runtime.CallbackHandlerDeprecated",
      "Handlers with a callback are not supported.",
    );
  return target as Handler;
}

async function loadModule(file: string, taskRoot: string): Promise<unknown> {
  if (file.endsWith(".mjs") || (file.endsWith(".js") && isModulePackage(taskRoot)))
    return import(pathToFileURL(file).href);
  const loaded: unknown = createRequire(file)(file);
  return loaded;
}

function isModulePackage(taskRoot: string): boolean {
  const manifest = join(taskRoot, "package.json");
  if (!existsSync(manifest)) return false;
  return (JSON.parse(readFileSync(manifest, "utf8")) as { readonly type?: unknown }).type === "module";
}

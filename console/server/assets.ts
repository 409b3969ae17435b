import { createHash } from "node:crypto";
import { build } from "esbuild";
import * as path from "node:path";
import { CONSOLE_PATH } from "../api";

/** A file that the browser loads. Its path changes with its content, so it may be kept for ever. */
export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

export interface Assets {
  readonly script: Asset;
  readonly style: Asset;
  readonly icon: Asset;
}

/** Bundled once per process, when the first browser comes: there is no build step. */
let assets: Promise<Assets> | undefined;

export function loadAssets(): Promise<Assets> {
  assets ??= bundle().catch((error: unknown) => {
    assets = undefined;
    throw error;
  });
  return assets;
}

async function bundle(): Promise<Assets> {
  const { outputFiles } = await build({
    absWorkingDir: path.resolve(__dirname, "../browser"),
    entryPoints: ["main.tsx", "console.css", "icon.svg"],
    loader: { ".svg": "copy" },
    outdir: "assets",
    bundle: true,
    minify: true,
    platform: "browser",
    target: ["es2022"],
    format: "iife",
    legalComments: "none",
    write: false,
  });
  const asset = (ending: string, type: string): Asset => {
    const body = outputFiles.find((file) => file.path.endsWith(ending))?.text;
    if (body === undefined) throw new Error(`esbuild made no ${ending} file of the console.`);
    const hash = createHash("sha256").update(body).digest("hex").slice(0, 12);
    return { path: `${CONSOLE_PATH}/assets/${hash}${ending}`, type, body };
  };
  return {
    script: asset(".js", "text/javascript; charset=utf-8"),
    style: asset(".css", "text/css; charset=utf-8"),
    icon: asset(".svg", "image/svg+xml"),
  };
}

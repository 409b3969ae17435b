import { cpSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import * as z from "zod";

/** How the Pulumi SDK tags assets and archives among a resource's properties (@pulumi/pulumi/runtime/rpc). */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const ASSET_SIGNATURE = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE_SIGNATURE = "0def7320c3a5731c473e5ecbe6d01bc7";

const asset = z.object({
  [SIGNATURE_KEY]: z.literal(ASSET_SIGNATURE),
  text: z.string().optional(),
  path: z.string().optional(),
});
const archive = z.object({
  [SIGNATURE_KEY]: z.literal(ARCHIVE_SIGNATURE),
  assets: z.record(z.string(), z.unknown()).optional(),
  path: z.string().optional(),
});

/**
 * Unpacks an archive as the program gave it, into a folder.
 *
 * @param value a tagged archive: of texts, of files and folders by their paths, of further archives
 * @throws Error that names the entry which is of another kind, such as a zip file or a URL, or would leave the folder
 */
export function unpack(value: unknown, folder: string): void {
  const { success, data } = archive.safeParse(value);
  if (!success) throw new Error("its code is no archive");
  mkdirSync(folder, { recursive: true });
  if (data.path !== undefined) return copyFolder(data.path, folder);
  if (!data.assets) throw new Error("its code is neither an archive of assets nor of a folder");
  for (const [name, entry] of Object.entries(data.assets)) unpackEntry(name, entry, folder);
}

function unpackEntry(name: string, entry: unknown, folder: string): void {
  const target = resolve(folder, name);
  if (relative(folder, target).startsWith(".."))
    throw new Error(`its code has an entry outside of it: "${name}"`);
  if (archive.safeParse(entry).success) return unpack(entry, target);
  const { data } = asset.safeParse(entry);
  mkdirSync(dirname(target), { recursive: true });
  if (data?.text !== undefined) writeFileSync(target, data.text);
  else if (data?.path !== undefined) cpSync(data.path, target, { recursive: true });
  else throw new Error(`its code has the entry "${name}", which is neither a text nor a path`);
}

function copyFolder(path: string, folder: string): void {
  if (!statSync(path).isDirectory())
    throw new Error(`its code is the file "${path}": only folders can be unpacked`);
  cpSync(path, folder, { recursive: true });
}

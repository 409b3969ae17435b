import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A policy pack that a test writes; JavaScript starts sooner than TypeScript, which is type-checked. */
export class PackFolder {
  private constructor(readonly path: string) {}

  /** @param index by its file name: `index.js` or `index.ts` */
  static async write(index: Readonly<Record<string, string>>): Promise<PackFolder> {
    const path = await mkdtemp(join(tmpdir(), "policy-pack-"));
    await symlink(resolve(__dirname, "../../node_modules"), join(path, "node_modules"));
    const files = {
      "PulumiPolicy.yaml": "runtime: nodejs\n",
      "package.json": '{"name":"written-pack","version":"1.0.0"}',
      ...index,
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
    return new PackFolder(path);
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true });
  }
}

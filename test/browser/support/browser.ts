import { accessSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * Starts the system's Chromium without a window.
 *
 * @throws Error when there is none
 */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? PLACES.find(isThere);
  if (executablePath === undefined)
    throw new Error("There is no Chromium: apt-get install chromium, or say in CHROMIUM where it is.");
  // As root, in a container, Chromium cannot make a sandbox; it opens nothing but the console.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

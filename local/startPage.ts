import type { LocalOutputs } from "./localRun";

/** A page that says what runs here: the stack's outputs. */
export function startPage(outputs: LocalOutputs): string {
  const rows = flatten(outputs).map(
    ([name, value]) => `<tr><th scope="row">${html(name)}</th><td>${html(value)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Local run</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  th { text-align: left; font-weight: 500; padding-right: 1.5rem; vertical-align: top }
  td { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
</style>
<h1>This stack runs on this machine</h1>
<p>What it answers to, as in <code>.local/outputs.json</code>:</p>
<table>${rows.join("")}</table>
</html>
`;
}

function flatten(value: object, prefix = ""): [name: string, value: string][] {
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
    typeof member === "object" && member !== null
      ? flatten(member, `${prefix}${key}.`)
      : [[`${prefix}${key}`, String(member)] as [string, string]],
  );
}

function html(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

import Table from "cli-table3";
import { nameOf, type Outcome, type Result, type Verdict } from "./mutations";

/** What each role and each resource's policy allows, what needs it, and what stays for another reason. */
export function reportText(outcome: Outcome, seconds: number): string {
  const notes = [
    ...new Set(outcome.results.flatMap(({ verdict }) => (verdict.type === "stays" ? [verdict.entry] : []))),
  ];
  const table = new Table({
    head: ["role, or policy of", "allows", "on", "fails without it"],
    style: { head: [], border: [] },
    // No line between the rows.
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const { permission, verdict } of outcome.results) {
    const { holder, action, resource, through } = permission;
    const withService = through === undefined ? action : `${action} (${through})`;
    const note = verdict.type === "stays" ? notes.indexOf(verdict.entry) + 1 : 0;
    table.push([holder, withService, shortened(resource), verdictText(verdict, note)]);
  }
  const footnotes = notes.map(({ reason, source }, index) => `(${index + 1}) ${reason}.\n    ${source}.\n`);
  const stale = outcome.stale.map((text) => `in prove/iam/unexercised.ts without a reason: ${text}\n`);
  return `${table.toString()}\n${footnotes.join("")}${findings(outcome.results)}${stale.join("")}${summary(outcome, seconds)}\n`;
}

/** What a program can read. */
export function reportJson({ results, stale, mutants }: Outcome, seconds: number): string {
  const rows = results.map(({ permission: { holder, action, resource, through }, verdict }) => ({
    ...{ holder, action, resource, through },
    ...(verdict.type === "stays" ? { type: verdict.type, ...reasonOf(verdict) } : verdict),
  }));
  return `${JSON.stringify({ permissions: rows, stale, mutants, seconds: Math.round(seconds) }, null, 2)}\n`;
}

/** Whether every permission is needed, or has a reason. */
export function isProven({ results, stale }: Outcome): boolean {
  return (
    stale.length === 0 && results.every(({ verdict: { type } }) => type === "caught" || type === "stays")
  );
}

function verdictText(verdict: Verdict, note: number): string {
  switch (verdict.type) {
    case "caught":
      return verdict.by;
    case "stays":
      return `nothing here; why it stays: (${note})`;
    case "not needed":
      return "NOT NEEDED";
    case "unclear":
      return "UNCLEAR";
  }
}

function findings(results: readonly Result[]): string {
  return results
    .map(({ permission, verdict }) => {
      const what = `${nameOf(permission)} on ${permission.resource}`;
      if (verdict.type === "not needed")
        return (
          `not needed: ${what}: ${verdict.asked ? "it is asked for, but nothing" : "it is never asked for, and nothing"} ` +
          "fails without it. Take it out of components/, or say in prove/iam/unexercised.ts why it stays\n"
        );
      if (verdict.type === "unclear")
        return `unclear: ${what}: "${verdict.by}" failed, but not for want of it: ${verdict.message}\n`;
      return "";
    })
    .join("");
}

function summary({ results, stale, mutants }: Outcome, seconds: number): string {
  const count = (type: Verdict["type"]) => results.filter(({ verdict }) => verdict.type === type).length;
  return (
    `${results.length} permissions, ${mutants} mutants in ${Math.round(seconds)} s: ` +
    `${count("caught")} caught, ${count("not needed")} not needed, ${count("unclear")} unclear, ` +
    `${count("stays")} stay unexercised, ${stale.length} of those wrongly`
  );
}

function reasonOf({ entry: { reason, source } }: Extract<Verdict, { type: "stays" }>) {
  return { reason, source };
}

/** What Pulumi appends to the names that the program gives. */
const RANDOM_SUFFIX = /-[0-9a-f]{7}(?=$|[:/])/;

/** An ARN without partition, region and account; the key, of which there is one, without its id. */
function shortened(resource: string): string {
  if (!resource.startsWith("arn:")) return resource;
  const name = resource.split(":").slice(5).join(":");
  return name.replace(RANDOM_SUFFIX, "").replace(/^key\/.*/, "the key");
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BROKEN_PRODUCTS } from "../../prove/brokenProducts";
import { Recording, RECORDED_ORIGIN, STACK } from "../../prove/recording";
import { runScenario } from "../../prove/runScenario";
import { SCENARIOS } from "../../prove/scenarios";
import { recordedGraph } from "../support/recordedGraph";

/** `npm run prove` plays every scenario with all its orders; here are some, with a few. */

let recording: Recording;

beforeAll(async () => {
  recording = new Recording(JSON.stringify(await recordedGraph(STACK, RECORDED_ORIGIN)));
});

const options = { seed: 1, signal: new AbortController().signal };

it.each([
  ["topic-down", 40],
  ["duplicates-everywhere", 60],
])("nothing is lost or doubled: %s", async (name, orders) => {
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (!scenario) throw new Error(`There is no scenario ${name}.`);

  const { violations, tally } = await runScenario(scenario, recording, { ...options, orders });

  expect(violations).toEqual([]);
  expect(tally.delivered + tally.rejected).toBe(orders);
});

it("is described: docs/reliability.md names every scenario, and no other", () => {
  const guide = readFileSync(join(__dirname, "../../docs/reliability.md"), "utf8");
  const table = guide.slice(guide.indexOf("The scenarios:"), guide.indexOf("`--broken` drops"));
  const named = [...table.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name);
  expect(named.sort()).toEqual(SCENARIOS.map(({ name }) => name).sort());
});

// The others take longer: npm run prove -- --broken
it.each(["no-partial-batch-response", "no-condition-on-put"])(
  "a broken product is found: %s",
  async (name) => {
    const product = BROKEN_PRODUCTS.find((one) => one.name === name);
    if (!product) throw new Error(`There is no broken product ${name}.`);

    const { violations } = await runScenario(product.scenario, recording, {
      ...options,
      change: product.change,
    });

    expect(violations.map(({ invariant }) => invariant)).toContain(product.violates);
  },
);

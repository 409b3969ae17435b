import type { StackView } from "../api";
import { Layout } from "./layout";
import { useLive } from "./live";
import { Command } from "./parts";

/** What the stack is, and what can be done with it. */
export function StackPage() {
  const live = useLive<StackView>("stack");
  return (
    <Layout current="Stack" title="Stack" live={live}>
      <h1>Stack</h1>
      {live.view && <Outputs view={live.view} />}
    </Layout>
  );
}

function Outputs({ view: { stack, region, outputs } }: { view: StackView }) {
  return (
    <>
      <p>
        This is {stack} in {region}. What it shows here, <Command>npm run ops -- --help</Command> shows in a
        terminal; repairs are made there.
      </p>
      <h2>Outputs</h2>
      <dl class="outputs">
        {outputs.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="id">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

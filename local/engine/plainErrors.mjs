// Loaded before a Pulumi program runs: prints errors without colours. Node takes tens of seconds and gigabytes to
// colour the stack of an error that comes from a package under node_modules/@scope/ (nodejs/node#64011).
import util from "node:util";

const inspect = util.inspect;

function inspectWithoutColours(value, options, ...rest) {
  return inspect(
    value,
    typeof options === "object" && options !== null ? { ...options, colors: false } : options,
    ...rest,
  );
}

util.inspect = Object.assign(inspectWithoutColours, inspect);

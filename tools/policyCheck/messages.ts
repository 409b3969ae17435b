import {
  AnalyzeRequest,
  AnalyzerPropertyDependencies,
  AnalyzerResource,
  AnalyzerResourceOptions,
  toStruct,
} from "../../local/engine/protocol";
import type { RawResource, RawResourceOptions } from "../../local/engine/recorded";
import { withoutReferences } from "../../local/engine/wire";

/**
 * The engine's messages about resources (pulumi/pulumi, pkg/resource/deploy/step_generator.go and
 * sdk/go/common/resource/plugin/analyzer_plugin.go): secrets, unknown values and assets stay tagged, references to
 * resources do not.
 *
 * Two things are of the real engine only: the inputs have passed the provider's check, which fills in a physical name where
 * the program gives none; and a default provider is a resource, and the `provider` of those that name none.
 */

/** A resource with its inputs, as the engine shows it before anything is done to it. */
export function analyzeRequest(resource: RawResource): AnalyzeRequest {
  const options = optionsMessage(resource.options);
  options.setParent(resource.parent);
  return new AnalyzeRequest()
    .setUrn(resource.urn)
    .setType(resource.type)
    .setName(resource.name)
    .setProperties(toStruct(withoutReferences(resource.inputs)))
    .setOptions(options);
}

/** A resource with its outputs and what it was made of, as the engine shows it with the whole stack. */
export function resourceMessage(resource: RawResource): AnalyzerResource {
  const message = new AnalyzerResource()
    .setUrn(resource.urn)
    .setType(resource.type)
    .setName(resource.name)
    .setProperties(toStruct(withoutReferences(resource.outputs)))
    .setOptions(optionsMessage(resource.options))
    .setParent(resource.parent)
    .setDependenciesList([...resource.dependencies]);
  for (const [property, urns] of Object.entries(resource.propertyDependencies)) {
    if (urns.length === 0) continue;
    const sources = new AnalyzerPropertyDependencies();
    sources.setUrnsList([...urns]);
    message.getPropertydependenciesMap().set(property, sources);
  }
  return message;
}

function optionsMessage(options: RawResourceOptions): AnalyzerResourceOptions {
  const { create, update, delete: deletion } = options.customTimeouts;
  const timeouts = new AnalyzerResourceOptions.CustomTimeouts();
  timeouts.setCreate(seconds(create)).setUpdate(seconds(update)).setDelete(seconds(deletion));
  return new AnalyzerResourceOptions()
    .setProtect(options.protect)
    .setIgnorechangesList([...options.ignoreChanges])
    .setDeletebeforereplace(options.deleteBeforeReplace ?? false)
    .setDeletebeforereplacedefined(options.deleteBeforeReplace !== undefined)
    .setAdditionalsecretoutputsList([...options.additionalSecretOutputs])
    .setAliasesList([...options.aliases])
    .setCustomtimeouts(timeouts);
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  h: 3_600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
};

/** A duration of Go's, such as `1h30m`; 0 when it is empty (pkg.go.dev/time, ParseDuration). */
function seconds(duration: string): number {
  const parts = duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g);
  return [...parts].reduce(
    (sum, [, amount = "0", unit = "s"]) => sum + Number(amount) * (UNIT_SECONDS[unit] ?? 0),
    0,
  );
}

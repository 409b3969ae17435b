import { behind } from "./behind";
import { adding, removing, setting, without, type MutationRule, type Which } from "./mutation";

const FUNCTION = "aws:lambda/function:Function";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

const RUNTIME = "lambda-supported-runtime";
const CONCURRENCY = "lambda-bounded-concurrency";
const LOG_GROUP = "lambda-own-log-group";

const ofQueue: Which = ({ inputs }) => inputs["startingPosition"] === undefined;

const isReserved: Which = ({ inputs }) => inputs["reservedConcurrentExecutions"] !== undefined;

type Graph = Parameters<MutationRule>[0];

const functionsOf = (graph: Graph) => graph.filter(({ type }) => type === FUNCTION);

/** Somebody else may call each function whose bound is that of its queue. */
const otherInvokers: MutationRule = (graph) =>
  functionsOf(graph)
    .filter(({ inputs }) => inputs["reservedConcurrentExecutions"] === undefined)
    .flatMap(({ name, outputs }) =>
      adding(CONCURRENCY, "aws:lambda/permission:Permission", `${name}-events`, {
        action: "lambda:InvokeFunction",
        principal: "events.amazonaws.com",
        function: outputs["arn"],
      })(graph),
    );

/** Each function logs where another does. */
const sharedLogGroups: MutationRule = (graph) =>
  functionsOf(graph).flatMap((other) => {
    const { logGroup } = other.outputs["loggingConfig"] as { readonly logGroup: string };
    return setting(
      LOG_GROUP,
      FUNCTION,
      "loggingConfig.logGroup",
      [logGroup],
      ({ urn }) => urn !== other.urn,
    )(graph);
  });

/** Each function logs where a state machine, or a stage of an API, does. */
const groupsOfOthers: MutationRule = (graph) =>
  graph
    .filter(({ propertyDependencies }) =>
      ["loggingConfiguration", "accessLogSettings"].some((property) => property in propertyDependencies),
    )
    .flatMap(({ propertyDependencies: { loggingConfiguration, accessLogSettings } }) => {
      const [urn] = loggingConfiguration ?? accessLogSettings ?? [];
      const name = graph.find((resource) => resource.urn === urn)?.outputs["name"];
      return setting(LOG_GROUP, FUNCTION, "loggingConfig.logGroup", [name])(graph);
    });

export const functionMutations: readonly MutationRule[] = [
  without(RUNTIME, FUNCTION, "runtime"),
  setting(RUNTIME, FUNCTION, "runtime", ["nodejs16.x", "nodejs20.x", ""]),

  removing(CONCURRENCY, MAPPING),
  without(CONCURRENCY, MAPPING, "scalingConfig", ofQueue),
  setting(CONCURRENCY, MAPPING, "scalingConfig.maximumConcurrency", [0], ofQueue),
  adding(CONCURRENCY, FUNCTION, "alone", { name: "alone", reservedConcurrentExecutions: -1 }),
  without(CONCURRENCY, FUNCTION, "reservedConcurrentExecutions"),
  setting(CONCURRENCY, FUNCTION, "reservedConcurrentExecutions", [-1], isReserved),
  otherInvokers,

  without(LOG_GROUP, FUNCTION, "loggingConfig"),
  without(LOG_GROUP, FUNCTION, "loggingConfig.logGroup"),
  setting(LOG_GROUP, FUNCTION, "loggingConfig.logGroup", ["elsewhere"]),
  behind(FUNCTION, "loggingConfig", (which) =>
    removing(LOG_GROUP, "aws:cloudwatch/logGroup:LogGroup", which),
  ),
  sharedLogGroups,
  groupsOfOthers,
];

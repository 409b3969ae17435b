import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sfn from "@pulumi/aws/sfn";
import {
  validateResourceOfType,
  type Policies,
  type ResourceValidation,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { referredBy, resourcesOf } from "./lib/graph";
import { jsonObject } from "./lib/json";
import { handlersOf, tasksOf, type Task } from "./lib/states";

/**
 * Step Functions keeps no history of EXPRESS executions: it is in the logs or nowhere (Step Functions Developer Guide,
 * "Using CloudWatch Logs to log execution history").
 */
const expressLogging: ResourceValidationPolicy = {
  name: "states-express-logging",
  description: "An EXPRESS state machine logs every event of its executions, with their data.",
  validateResource: validateResourceOfType(
    sfn.StateMachine,
    ({ type, loggingConfiguration }, { name }, report) => {
      if (type !== "EXPRESS") return;
      const { level, includeExecutionData, logDestination } = loggingConfiguration ?? {};
      if (level === "ALL" && includeExecutionData === true && logDestination) return;
      report(
        `EXPRESS state machine "${name}" does not log everything: the history of an execution is kept nowhere else, so ` +
          "that nobody can tell what became of it. Set loggingConfiguration to level: ALL, includeExecutionData: true and " +
          'a logDestination, the ARN of an aws.cloudwatch.LogGroup followed by ":*".',
      );
    },
  ),
};

/** A machine that logs nowhere is for `states-express-logging` to say. */
const logRetention: StackValidationPolicy = {
  name: "states-log-retention",
  description: "The history of a state machine's executions is kept for a time that somebody chose.",
  validateStack: (stack, report) => {
    for (const { resource, props } of resourcesOf(stack, sfn.StateMachine)) {
      if (!props.loggingConfiguration) continue;
      const groups = referredBy(stack, resource, "loggingConfiguration").flatMap(
        (group) => group.asType(cloudwatch.LogGroup) ?? [],
      );
      if (groups.length === 0 && !props.loggingConfiguration.logDestination) continue;
      if (groups.some(({ retentionInDays }) => Number(retentionInDays) > 0)) continue;
      report(
        `State machine "${resource.name}" logs to a group ${groups.length > 0 ? "that keeps everything for ever" : "that is not in this stack"}: ` +
          "its executions' data stays there for longer than anybody needs or allows. Log to an aws.cloudwatch.LogGroup of the stack " +
          "with retentionInDays.",
        resource.urn,
      );
    }
  },
};

/** What a service answers now and then, and what a task's time limit ends (Step Functions Developer Guide, "Handling errors"). */
const TASK_FAILED = "States.TaskFailed";
const TIMEOUT = "States.Timeout";
const ALL = "States.ALL";

/**
 * In machines of any type; each Task, because a retry around a Parallel or Map state does all of it again. The first
 * retrier that names an error decides. Those of some errors only are not enough: every service can fail in ways that a
 * second try mends.
 */
const taskRetry: ResourceValidationPolicy = {
  name: "states-task-retry",
  description: "Every Task of a state machine is tried again when it fails.",
  configSchema: {
    properties: {
      errors: {
        type: "array",
        items: { type: "string" },
        default: [ALL, TASK_FAILED],
        description: "Errors of which a retrier must name one; the first that does must try again.",
      },
    },
  },
  validateResource: checkingTasks((task, args) => {
    const { errors } = args.getConfig<{ readonly errors: readonly string[] }>();
    const retrier = handlersOf(task.state, "Retry").find((each) =>
      each.errors.some((error) => errors.includes(String(error))),
    );
    // Three attempts where it does not say (Amazon States Language).
    if (retrier && Number(retrier.fields["MaxAttempts"] ?? 3) > 0) return undefined;
    return (
      `is not tried again when it fails: a hitch of the service is the end of the execution. Add a Retry with ` +
      `ErrorEquals ["${errors[0] ?? ALL}"] and MaxAttempts above 0`
    );
  }),
};

/**
 * In machines of any type. `States.TaskFailed` is every error but the time limit's, so that alone it is not enough; the
 * catcher of a Parallel or Map state around a Task is not either, because it takes the other branches with it.
 */
const taskCatch: ResourceValidationPolicy = {
  name: "states-task-catch",
  description: "Every Task of a state machine says what happens when it has failed for good.",
  validateResource: checkingTasks(({ name, state }) => {
    const catchers = handlersOf(state, "Catch").filter(
      ({ fields }) => fields["Next"] && fields["Next"] !== name,
    );
    const isCaught = (error: string) =>
      catchers.some(({ errors }) => errors.includes(ALL) || errors.includes(error));
    if (isCaught(TASK_FAILED) && isCaught(TIMEOUT)) return undefined;
    return (
      "does not say what happens when it has failed for good: the execution ends, and nobody records what was left " +
      'undone. Add a Catch with ErrorEquals ["States.ALL"] and, as Next, a state that records it'
    );
  }),
};

/** A state machine loses no execution, and tells afterwards what each did. */
export const workflowPolicies: Policies = [expressLogging, logRetention, taskRetry, taskCatch];

/** Asks each Task of a state machine for its fault. */
function checkingTasks(
  faultOf: (task: Task, args: ResourceValidationArgs) => string | undefined,
): ResourceValidation {
  return validateResourceOfType(sfn.StateMachine, ({ definition }, args, report) => {
    const machine = jsonObject(definition);
    if (machine === undefined)
      report(
        `The definition of state machine "${args.name}" is no JSON object, so that nobody can tell what its Tasks do. ` +
          "Write one in Amazon States Language.",
      );
    for (const task of machine === undefined ? [] : tasksOf(machine)) {
      const fault = faultOf(task, args);
      if (fault !== undefined) report(`Task "${task.name}" of state machine "${args.name}" ${fault}.`);
    }
  });
}

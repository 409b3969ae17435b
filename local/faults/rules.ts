import * as z from "zod";
import { GATEWAY_RESPONSE_STATUS } from "../apigateway/faults";

/** The services whose calls can be made to fail. */
export const FAULTY_SERVICES = [
  "sqs",
  "sns",
  "dynamodb",
  "states",
  "logs",
  "cloudwatch",
  "lambda",
  "apigateway",
] as const;
export type FaultyService = (typeof FAULTY_SERVICES)[number];

/** Faults that answer with an error instead of doing what the call asks. */
export const REFUSALS = ["throttling", "serverError", "unavailable", "accessDenied"] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What can go wrong with a call; the README says what each one does. */
export const FAULTS = [
  ...REFUSALS,
  "errorAfterEffect",
  "lostAnswer",
  "noAnswer",
  "delay",
  "duplicate",
  "ignored",
  "crash",
  "hang",
  "killProcess",
] as const;
export type Fault = (typeof FAULTS)[number];

const MOST_RULES = 100;
const LONGEST_TEXT = 1_000;
const LONGEST_DELAY_MS = 24 * 60 * 60 * 1_000;

const text = z.string().min(1).max(LONGEST_TEXT);

const ruleShape = {
  service: z.enum(FAULTY_SERVICES),
  /** Such as `SendMessage`; `Invoke` and `InvokeAsync` for lambda; `POST /things` for apigateway; `*` for all. */
  operation: text,
  /** A part of the ARN of the caller's role, or of the name of a service or its source's ARN; or `administrator`. */
  caller: text.optional(),
  /** A part of the request as JSON: a queue's name, a table's, a function's ARN and event, a path and body. */
  resource: text.optional(),
  /** The first matching calls, which are left alone. */
  skip: z.int().min(0).optional(),
  /** How likely each matching call fails; or */
  probability: z.number().min(0).max(1).optional(),
  /** how many of them fail, the first ones; or */
  count: z.int().min(1).optional(),
  /** that all fail. */
  always: z.literal(true).optional(),
  fault: z.enum(FAULTS),
  /** Of `delay`, by the run's clock. */
  milliseconds: z.int().min(1).max(LONGEST_DELAY_MS).optional(),
  /** Another error than the service's usual one; for apigateway a type of gateway response. */
  code: text.optional(),
  /** Of `crash` and `hang`: after which call of AWS in the invocation; 1 when left out, 0 for at its start. */
  afterCalls: z.int().min(0).optional(),
};

type RuleShape = z.output<z.ZodObject<typeof ruleShape>>;

/** What is wrong with a rule whose members are each right, by the member. */
const RULE_CHECKS: readonly ((rule: RuleShape) => readonly [member: string, message: string] | undefined)[] =
  [
    ({ probability, count, always }) => {
      const given = [probability, count, always].filter((value) => value !== undefined).length;
      return given === 1
        ? undefined
        : ["fault", "how often is not clear: give exactly one of probability, count and always"];
    },
    ({ service, operation }) => {
      const { pattern, remedy } = OPERATIONS[service] ?? AWS_OPERATION;
      return pattern.test(operation)
        ? undefined
        : ["operation", `"${operation}" is no operation of ${service}: ${remedy}`];
    },
    ({ service, caller }) =>
      caller !== undefined && (service === "lambda" || service === "apigateway")
        ? ["caller", `callers of ${service} are not told apart: leave it out, or select by resource`]
        : undefined,
    ({ fault, milliseconds }) => {
      if (fault === "delay" && milliseconds === undefined)
        return ["milliseconds", "a delay needs milliseconds: add how long the call waits"];
      return fault !== "delay" && milliseconds !== undefined
        ? ["milliseconds", `${fault} takes no milliseconds: only delay does`]
        : undefined;
    },
    ({ fault, afterCalls }) =>
      afterCalls !== undefined && fault !== "crash" && fault !== "hang"
        ? ["afterCalls", `${fault} takes no afterCalls: only crash and hang do`]
        : undefined,
    ({ service, fault, code }) => {
      if (code === undefined) return undefined;
      if (fault !== "errorAfterEffect" && !isRefusal(fault))
        return ["code", `${fault} takes no code: only ${[...REFUSALS, "errorAfterEffect"].join(", ")} do`];
      const isKnown = service !== "apigateway" || Object.hasOwn(GATEWAY_RESPONSE_STATUS, code);
      return isKnown
        ? undefined
        : [
            "code",
            `"${code}" is no gateway response: ${Object.keys(GATEWAY_RESPONSE_STATUS).join(", ")} are`,
          ];
    },
    ({ service, operation, fault }) =>
      fault === "ignored" &&
      !(service === "sqs" && (operation === "DeleteMessage" || operation === "DeleteMessageBatch"))
        ? ["fault", "ignored is only for the operations DeleteMessage and DeleteMessageBatch of sqs"]
        : undefined,
    ({ service, operation, fault }) =>
      (fault === "crash" || fault === "hang") && (service !== "lambda" || operation === "InvokeAsync")
        ? ["fault", `${fault} is only for the operation Invoke of lambda`]
        : undefined,
    ({ operation, fault }) =>
      fault === "duplicate" && operation === "ReceiveMessage"
        ? ["fault", "to deliver a message twice, use ignored with DeleteMessage and DeleteMessageBatch"]
        : undefined,
  ];

interface OperationNames {
  readonly pattern: RegExp;
  readonly remedy: string;
}

const AWS_OPERATION: OperationNames = {
  pattern: /^(\*|[A-Z][A-Za-z0-9]+)$/,
  remedy: 'write it as its API reference does, such as "SendMessage", or "*" for all',
};
const OPERATIONS: Readonly<Partial<Record<FaultyService, OperationNames>>> = {
  lambda: {
    pattern: /^(\*|Invoke|InvokeAsync)$/,
    remedy: 'write "Invoke", or "InvokeAsync" for handing an event over',
  },
  apigateway: {
    pattern: /^(\*|[A-Z]+ \/\S*)$/,
    remedy: 'write the method and the resource, such as "POST /things/{thingId}", or "*" for all',
  },
};

const faultRule = strict(ruleShape).superRefine((rule, context) => {
  for (const check of RULE_CHECKS) {
    const [member, message] = check(rule) ?? [];
    if (member !== undefined) context.addIssue({ code: "custom", path: [member], message: message ?? "" });
  }
});

/** A plan: which calls fail in which way. The same seed and the same calls give the same faults. */
export const faultPlan = strict({
  seed: z.int(),
  rules: z.array(faultRule).max(MOST_RULES),
});

export type FaultRule = z.output<typeof faultRule>;
export type FaultPlan = z.output<typeof faultPlan>;

/** A plan that cannot be followed; the message names each thing that is wrong, where it stands and what to write. */
export class FaultPlanError extends Error {
  override readonly name = "FaultPlanError";
}

/** @throws FaultPlanError */
export function readFaultPlan(document: unknown): FaultPlan {
  const { data, error } = faultPlan.safeParse(document);
  if (error) throw new FaultPlanError(`The fault plan is not valid:\n${z.prettifyError(error)}`);
  return data;
}

export function isRefusal(fault: Fault): fault is Refusal {
  return (REFUSALS as readonly Fault[]).includes(fault);
}

/** An object of these members alone; the refusal of another one names those that there are. */
function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === "unrecognized_keys"
        ? `unknown member ${(keys as string[]).join(", ")}: there are ${Object.keys(shape).join(", ")}`
        : undefined,
  });
}

import type { FaultRule } from "../../local/faults/rules";
import type { Scenario } from "../scenario";
import { API, DYNAMODB, invoke, PROCESSOR, SNS, SQS, STARTER, STATES, TOPIC, WORKFLOW } from "./hops";

/** Every call between the hops. */
const CALLS = [
  SQS.send(API),
  SQS.any(PROCESSOR),
  DYNAMODB.put(PROCESSOR),
  STATES.start(STARTER),
  SNS.publish(WORKFLOW),
  DYNAMODB.update(WORKFLOW),
  SQS.send(TOPIC),
] as const;

const HOUR_MS = 3_600_000;
const JUMPS = 20;

/** Faults at every hop at once. */
export const EVERYWHERE: readonly Scenario[] = [
  {
    name: "duplicates-everywhere",
    story: "Posts, messages, starts and events are doubled at every hop, and deletes are lost.",
    orders: 3_500,
    mix: { repeated: 0.3, rejected: 0.02, conflicting: 0.02 },
    consumers: { forgetting: 0.1 },
    faults: () => [
      { ...SQS.send(API), probability: 0.2, fault: "duplicate" },
      { ...SQS.delete(PROCESSOR), probability: 0.1, fault: "ignored" },
      { ...DYNAMODB.put(PROCESSOR), probability: 0.1, fault: "duplicate" },
      { ...STATES.start(STARTER), probability: 0.2, fault: "duplicate" },
      { ...SNS.publish(WORKFLOW), probability: 0.2, fault: "duplicate" },
      { ...SQS.send(TOPIC), probability: 0.2, fault: "duplicate" },
    ],
    lastsMinutes: 3,
  },
  {
    name: "answers-lost-everywhere",
    story: "At every hop some calls are done and their answer is lost, until the caller's time is up.",
    orders: 400,
    answerTimeoutMs: 1_000,
    faults: () => CALLS.map((call): FaultRule => ({ ...call, probability: 0.004, fault: "lostAnswer" })),
    lastsMinutes: 5,
  },
  {
    name: "errors-after-the-effect",
    story: "At every hop one call in ten is done and answered with an error.",
    orders: 1_200,
    faults: () => CALLS.map((call): FaultRule => ({ ...call, probability: 0.1, fault: "errorAfterEffect" })),
    lastsMinutes: 3,
  },
  {
    name: "permissions-taken-away",
    story: "Three roles lose all their permissions for a while, one after the other.",
    orders: 1_500,
    faults: () => [
      { ...DYNAMODB.any(PROCESSOR), skip: 300, count: 300, fault: "accessDenied" },
      { ...STATES.start(STARTER), skip: 500, count: 200, fault: "accessDenied" },
      { ...SNS.publish(WORKFLOW), skip: 700, count: 400, fault: "accessDenied" },
    ],
    lastsMinutes: 3,
  },
  {
    name: "clock-jumps",
    story: "The clock jumps ahead by an hour again and again, while orders come in.",
    orders: 3_000,
    during: (posted, world, orders) =>
      posted % Math.ceil(orders / JUMPS) === 0 ? world.advance(HOUR_MS) : undefined,
  },
  {
    name: "random-soak",
    story: "Faults of every kind at every hop, as the seed has it.",
    orders: 3_000,
    poison: 30,
    concurrency: 100,
    consumers: { failing: 0.02, unsure: 0.02, forgetting: 0.03 },
    faults: ({ random }) => [
      ...CALLS.flatMap((call) => soaked(call, random)),
      {
        ...invoke(PROCESSOR),
        probability: 0.01 * random(),
        fault: "crash",
        afterCalls: 1 + Math.floor(9 * random()),
      },
      {
        ...invoke(STARTER),
        probability: 0.01 * random(),
        fault: "crash",
        afterCalls: 1 + Math.floor(9 * random()),
      },
    ],
    lastsMinutes: 5,
  },
];

const SOAKED = [
  "throttling",
  "serverError",
  "unavailable",
  "errorAfterEffect",
  "duplicate",
  "accessDenied",
] as const;

/**
 * A call that fails in each way by a probability of its own, at most one time in twenty. A queue that refuses the topic
 * does so by its policy, and its dead-letter queue would by its own: both at once lose an event (SNS Developer Guide,
 * dead-letter queues), which the alarm on lost notifications tells.
 */
function soaked(call: (typeof CALLS)[number], random: () => number): FaultRule[] {
  const faults = SOAKED.filter((fault) => fault !== "accessDenied" || call.caller !== TOPIC);
  return faults.map((fault) => ({ ...call, probability: 0.05 * random(), fault }));
}

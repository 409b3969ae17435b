import type { Scenario } from "../scenario";
import { API, SQS } from "./hops";

/** Hop 1 and 2: from the app to the order queue. */
export const ACCEPTING: readonly Scenario[] = [
  {
    name: "fair-weather",
    story: "Nothing fails: what is lost here is lost always.",
    orders: 12_000,
    poison: 8,
  },
  {
    name: "order-queue-down",
    story: "The order queue refuses the API for longer than apps try again: some orders are never confirmed.",
    orders: 600,
    concurrency: 100,
    faults: () => [{ ...SQS.send(API), count: 2_500, fault: "unavailable" }],
    hurried: true,
    seen: { alarms: ["orders-server-errors"] },
  },
  {
    name: "order-queue-unsteady",
    story:
      "A third of the API's messages are refused, throttled or answered with an error though they arrived.",
    orders: 7_000,
    concurrency: 100,
    faults: () => [
      { ...SQS.send(API), probability: 0.1, fault: "throttling" },
      { ...SQS.send(API), probability: 0.1, fault: "serverError" },
      { ...SQS.send(API), probability: 0.1, fault: "errorAfterEffect" },
    ],
  },
  {
    name: "api-throttled",
    story: "The API answers 429 to a third of the posts.",
    orders: 6_500,
    concurrency: 100,
    faults: () => [
      { service: "apigateway", operation: "POST /orders", probability: 0.33, fault: "throttling" },
    ],
  },
  {
    name: "api-answers-lost",
    story:
      "One accepted post in twenty never hears of it, and one in fifty is never heard: the app asks again.",
    orders: 4_500,
    concurrency: 100,
    answerTimeoutMs: 500,
    faults: () => [
      { service: "apigateway", operation: "POST /orders", probability: 0.05, fault: "lostAnswer" },
      { service: "apigateway", operation: "POST /orders", probability: 0.02, fault: "noAnswer" },
    ],
  },
];

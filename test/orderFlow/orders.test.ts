import { describeDeliveredOrders } from "./deliveredOrders.suite";
import { describeReadingOrders } from "./readingOrders.suite";
import { describeRefusedRequests } from "./refusedRequests.suite";
import { openTarget, type Target } from "./target";

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.close());

const run = () => target;
// In this order: the first says at its end that nothing has been stored.
describe("a request that is refused", () => describeRefusedRequests(run));
describe("reading orders", () => describeReadingOrders(run));
describe("delivering orders", () => describeDeliveredOrders(run));

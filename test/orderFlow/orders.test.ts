import { describeAttacks } from "./attacks.suite";
import { describeDeliveredOrders } from "./deliveredOrders.suite";
import { describeReadingOrders } from "./readingOrders.suite";
import { describeRefusedRequests } from "./refusedRequests.suite";
import { ON_LOCAL_RUN, openTarget, type Target } from "./target";

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
// A deployed stack shares its account with others: nobody attacks it from here.
(ON_LOCAL_RUN ? describe : describe.skip)("under attack", () => describeAttacks(run));

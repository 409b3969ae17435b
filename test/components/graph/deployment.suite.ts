import type * as templates from "../../../components/api/templates";
import { RecordedStack } from "../support/recordedStack";

/** What `POST /orders` answers; a test changes it as a developer would. */
let accepted: string | undefined;
jest.mock("../../../components/api/templates", () => {
  const actual = jest.requireActual<typeof templates>("../../../components/api/templates");
  return { ...actual, acceptedResponse: () => accepted ?? actual.acceptedResponse() };
});

/** A deployment is made anew when this changes, and only then. */
function deployedContent(stack: RecordedStack): unknown {
  return stack.inputs("apigateway.Deployment", "orders")["triggers"];
}

export function describeDeployment(dev: () => RecordedStack): void {
  afterEach(() => {
    accepted = undefined;
  });

  describe("the API is deployed anew", () => {
    test("when a mapping template changes", async () => {
      accepted = '{"status":"QUEUED"}';
      expect(deployedContent(await RecordedStack.record("dev"))).not.toEqual(deployedContent(dev()));
    });

    test("when the origins change that answers and preflights name", async () => {
      const changed = await RecordedStack.record("dev", { allowedOrigins: ["https://shop.example.com"] });
      expect(deployedContent(changed)).not.toEqual(deployedContent(dev()));
    });

    test("not when something changes that is not in it", async () => {
      const changed = await RecordedStack.record("dev", {
        throttlingRateLimit: 1,
        logRetentionDays: 30,
        orderConcurrency: 50,
      });
      expect(changed.inputs("apigateway.MethodSettings", "orders")).toMatchObject({
        settings: { throttlingRateLimit: 1 },
      });
      expect(deployedContent(changed)).toEqual(deployedContent(dev()));
    });
  });
}

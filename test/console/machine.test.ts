import type { ExecutionStatus, VisitStatus } from "../../ops/history/model";
import { END, machineGraph, START } from "../../console/machine/definition";
import { drawMachine } from "../../console/machine/layout";
import { pathOf, type PathExecution } from "../../console/machine/path";
import { deliveryWorkflow } from "../../workflow/delivery";

const graph = machineGraph(JSON.stringify(deliveryWorkflow({ topicArn: "topic", tableName: "table" })));

function visit(name: string, status: VisitStatus = "succeeded", failedCalls = 0) {
  const attempts = Array.from({ length: failedCalls }, () => ({ outcome: "failed" as const }));
  return { name, status, attempts: [...attempts, { outcome: "succeeded" as const }] };
}

function execution(status: ExecutionStatus, ...states: PathExecution["states"]): PathExecution {
  return { status, states };
}

/** The transitions that an execution took, as `A > B`; a catch as `A ! B`. */
function taken(of: PathExecution): string[] {
  const path = pathOf(of);
  return graph.transitions
    .filter((transition) => path.isTaken(transition))
    .map(({ from, to, kind }) => `${from} ${kind === "catch" ? "!" : ">"} ${to}`);
}

describe("the graph of a definition", () => {
  it("has the delivery workflow's states and ways, and where it begins and ends", () => {
    expect(graph.states.map(({ name, type, retries }) => `${name} ${type} ${retries}`)).toEqual([
      "PublishOrder Task 6",
      "RecordDelivery Task 4",
      "RecordFailure Task 4",
      "DeliveredElsewhere Succeed 0",
      "DeliveryFailed Fail 0",
    ]);
    expect(graph.transitions.map(({ from, to, label }) => [from, to, label])).toEqual([
      [START, "PublishOrder", undefined],
      ["PublishOrder", "RecordDelivery", undefined],
      ["PublishOrder", "RecordFailure", "any error"],
      ["RecordDelivery", END, undefined],
      ["RecordDelivery", "RecordFailure", "any error"],
      ["RecordFailure", "DeliveryFailed", undefined],
      ["RecordFailure", "DeliveredElsewhere", expect.stringContaining("ConditionalCheckFailed")],
      ["RecordFailure", "DeliveryFailed", "any error"],
    ]);
  });

  it("has the ways of a choice", () => {
    const choice = { Type: "Choice", Choices: [{ Next: "B" }], Default: "C" };
    const states = { A: choice, B: { Type: "Succeed" }, C: { Type: "Pass", End: true } };
    const { transitions } = machineGraph(JSON.stringify({ StartAt: "A", States: states }));
    expect(transitions.map(({ from, to, kind, label }) => [from, to, kind, label])).toEqual([
      [START, "A", "next", undefined],
      ["A", "B", "choice", undefined],
      ["A", "C", "choice", "otherwise"],
      ["C", END, "next", undefined],
    ]);
  });
});

describe("the drawing", () => {
  const drawing = drawMachine(graph);
  const { states, transitions, width, height, start, end } = drawing;

  it("is the same for the same machine", () => {
    expect(drawMachine(graph)).toEqual(drawing);
  });

  it("lets no two states overlap, and none stand outside", () => {
    const boxes = states.map((state) => ({
      left: state.x - state.width / 2,
      right: state.x + state.width / 2,
      top: state.y - state.height / 2,
      bottom: state.y + state.height / 2,
    }));
    for (const box of boxes) {
      expect([box.left >= 0, box.top >= 0, box.right <= width, box.bottom <= height]).not.toContain(false);
      for (const other of boxes.filter((candidate) => candidate !== box)) {
        const apart =
          box.right <= other.left ||
          other.right <= box.left ||
          box.bottom <= other.top ||
          other.bottom <= box.top;
        expect(apart).toBe(true);
      }
    }
  });

  it("begins at the top, and every way leads down", () => {
    expect(states.every(({ y }) => y > start.y)).toBe(true);
    expect(end).not.toEqual(start);
    for (const { points } of transitions)
      expect(points.at(-1)?.y ?? 0).toBeGreaterThan(points[0]?.y ?? Infinity);
  });
});

describe("the path of an execution", () => {
  it("goes straight through when everything succeeds", () => {
    const delivered = execution("SUCCEEDED", visit("PublishOrder"), visit("RecordDelivery"));
    expect(taken(delivered)).toEqual([
      `${START} > PublishOrder`,
      "PublishOrder > RecordDelivery",
      `RecordDelivery > ${END}`,
    ]);
    expect(pathOf(delivered).markOf("PublishOrder")).toBe("succeeded");
    expect(pathOf(delivered).markOf("RecordFailure")).toBe("not visited");
  });

  it("takes the catch of a state that failed, not its way to the same state without a failure", () => {
    const failed = execution(
      "FAILED",
      visit("PublishOrder", "caught", 7),
      visit("RecordFailure"),
      visit("DeliveryFailed", "failed"),
    );
    expect(taken(failed)).toEqual([
      `${START} > PublishOrder`,
      "PublishOrder ! RecordFailure",
      "RecordFailure > DeliveryFailed",
    ]);
    expect(pathOf(failed).markOf("PublishOrder")).toBe("caught");
    expect(pathOf(failed).markOf("DeliveryFailed")).toBe("failed");
  });

  it("marks what succeeded after failed calls as retried, and what is still at it as retrying", () => {
    const retried = execution("SUCCEEDED", visit("PublishOrder", "succeeded", 2));
    const retrying = execution("RUNNING", visit("PublishOrder", "waiting", 1));
    expect(pathOf(retried).markOf("PublishOrder")).toBe("retried");
    expect(pathOf(retrying).markOf("PublishOrder")).toBe("retrying");
    expect(taken(retrying)).toEqual([`${START} > PublishOrder`]);
  });

  it("has gaps where the log has", () => {
    expect(taken(execution("UNKNOWN"))).toEqual([]);
    expect(taken(execution("UNKNOWN", visit("RecordDelivery", "unknown")))).toEqual([]);
  });
});

import { END, START } from "../machine/definition";
import type { DrawnState, DrawnTransition, MachineDrawing, Point } from "../machine/layout";
import type { Path, StateMark } from "../machine/path";

/** How a state fared: a sign and words beside the colour. */
const MARKS: Readonly<Record<StateMark, { sign: string; word: string; look: string }>> = {
  succeeded: { sign: "\u2713", word: "succeeded", look: "good" },
  retried: { sign: "\u21bb", word: "succeeded after retries", look: "warning" },
  caught: { sign: "\u2715", word: "failed, went on", look: "warning" },
  failed: { sign: "\u2715", word: "failed", look: "bad" },
  waiting: { sign: "\u25cc", word: "under way", look: "busy" },
  retrying: { sign: "\u21bb", word: "retrying", look: "warning" },
  unknown: { sign: "?", word: "end not in the log", look: "unknown" },
  "not visited": { sign: "", word: "not visited", look: "unvisited" },
};

interface MachineProps {
  readonly drawing: MachineDrawing;
  /** Of the execution; without one, nothing was visited. */
  readonly path: Path | undefined;
  /** The state that is open. */
  readonly open: string | undefined;
  readonly onOpen: (state: string) => void;
}

/** A state machine with the path that an execution took. */
export function Machine({ drawing, path, open, onOpen }: MachineProps) {
  const { width, height, states, transitions, start, end } = drawing;
  const isOver = transitions.some((transition) => transition.to === END && path?.isTaken(transition));
  // What was taken is drawn last, above the rest.
  const ordered = transitions.toSorted(
    (a, b) => Number(path?.isTaken(a) ?? false) - Number(path?.isTaken(b) ?? false),
  );
  return (
    <div class="machine">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        style={{ maxWidth: `${width}px` }}
        role="group"
        aria-label="State machine"
      >
        <defs>
          <Arrow id="arrow" />
          <Arrow id="arrow-taken" />
        </defs>
        {ordered.map((transition) => (
          <Line
            key={`${transition.from} ${transition.to} ${transition.label}`}
            transition={transition}
            taken={path?.isTaken(transition) ?? false}
          />
        ))}
        <circle class={`terminal ${path ? "taken" : ""}`} cx={start.x} cy={start.y} r="9">
          <title>{START}</title>
        </circle>
        {end && <circle class={`terminal end ${isOver ? "taken" : ""}`} cx={end.x} cy={end.y} r="9" />}
        {states.map((state) => (
          <State
            key={state.name}
            state={state}
            mark={path?.markOf(state.name) ?? "not visited"}
            isOpen={state.name === open}
            onOpen={() => onOpen(state.name)}
          />
        ))}
      </svg>
    </div>
  );
}

function Arrow({ id }: { id: string }) {
  return (
    <marker id={id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
      <path d="M0 0 8 4 0 8z" />
    </marker>
  );
}

function Line({ transition, taken }: { transition: DrawnTransition; taken: boolean }) {
  const { kind, points, label } = transition;
  return (
    <path
      class={`transition ${kind} ${taken ? "taken" : ""}`}
      d={curve(points)}
      marker-end={`url(#arrow${taken ? "-taken" : ""})`}
    >
      {label !== undefined && <title>{`${kind === "catch" ? "on " : ""}${label}`}</title>}
    </path>
  );
}

/** A smooth line: through the middle between each two points, bent towards the points themselves. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (!first || !last) return "";
  const bends = rest.slice(0, -1).map(({ x, y }, index) => {
    const next = rest[index + 1] ?? last;
    const isLast = index === rest.length - 2;
    return `Q${x} ${y} ${isLast ? next.x : (x + next.x) / 2} ${isLast ? next.y : (y + next.y) / 2}`;
  });
  return `M${first.x} ${first.y} ${bends.length > 0 ? bends.join(" ") : `L${last.x} ${last.y}`}`;
}

interface StateProps {
  readonly state: DrawnState;
  readonly mark: StateMark;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}

function State({ state: { name, type, retries, x, y, width, height }, mark, isOpen, onOpen }: StateProps) {
  const { sign, word, look } = MARKS[mark];
  const kind = retries > 0 ? `${type}, up to ${retries} retries` : type;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onOpen();
  };
  return (
    <g
      class={`state ${look}`}
      transform={`translate(${x - width / 2} ${y - height / 2})`}
      role="button"
      tabindex={0}
      aria-label={`${name}, ${kind}: ${word}`}
      aria-pressed={isOpen}
      onClick={onOpen}
      onKeyDown={onKeyDown}
    >
      <rect width={width} height={height} rx="8" />
      <text class="name" x={width / 2} y="22">
        {name}
      </text>
      <text class="word" x={width / 2} y="40">
        {sign} {mark === "not visited" ? type : word}
      </text>
    </g>
  );
}

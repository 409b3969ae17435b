import * as dagre from "@dagrejs/dagre";
import { END, START, type MachineGraph, type MachineState, type Transition } from "./definition";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A state and where it stands: its middle, in the drawing's units. */
export interface DrawnState extends MachineState, Point {
  readonly width: number;
  readonly height: number;
}

/** A transition and the points that its line goes through. */
export interface DrawnTransition extends Transition {
  readonly points: readonly Point[];
}

/** A state machine as it is drawn, from the top down. */
export interface MachineDrawing {
  readonly width: number;
  readonly height: number;
  readonly states: readonly DrawnState[];
  readonly transitions: readonly DrawnTransition[];
  /** Where START and END stand. */
  readonly start: Point;
  readonly end: Point | undefined;
}

const STATE_HEIGHT = 54;
/** Of a letter in the drawing's font size, with room for wide ones. */
const LETTER_WIDTH = 8.2;
const STATE_PADDING = 40;
/** What is said of a state below its name needs this. */
const STATE_WIDTH_MIN = 172;
const TERMINAL_SIZE = 24;
const MARGIN = 12;

/** Finds each state a place; the same machine has the same drawing every time. */
export function drawMachine({ states, transitions }: MachineGraph): MachineDrawing {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 42, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name } of states) graph.setNode(name, { width: widthOf(name), height: STATE_HEIGHT });
  // The layout writes into what it is given: one object for each.
  const terminal = () => ({ width: TERMINAL_SIZE, height: TERMINAL_SIZE });
  graph.setNode(START, terminal());
  const hasEnd = transitions.some(({ to }) => to === END);
  if (hasEnd) graph.setNode(END, terminal());
  transitions.forEach(({ from, to }, index) => graph.setEdge(from, to, {}, String(index)));
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const pointOf = (name: string): Point => {
    const { x, y } = graph.node(name);
    return { x: round(x), y: round(y) };
  };
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    states: states.map((state) => {
      const { width, height } = graph.node(state.name);
      return { ...state, ...pointOf(state.name), width: round(width), height };
    }),
    transitions: transitions.map((transition, index) => ({
      ...transition,
      points: graph
        .edge(transition.from, transition.to, String(index))
        .points.map(({ x, y }) => ({ x: round(x), y: round(y) })),
    })),
    start: pointOf(START),
    end: hasEnd ? pointOf(END) : undefined,
  };
}

function widthOf(name: string): number {
  return Math.max(STATE_WIDTH_MIN, name.length * LETTER_WIDTH + STATE_PADDING);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

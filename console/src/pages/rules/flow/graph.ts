import dagre from '@dagrejs/dagre';
import type { Action, ActionFigures, PlanOperator } from '../data';

// The plan of a statement and its actions as boxes and lines, laid out from top to bottom.
export interface FlowNode {
  id: string;
  kind: 'operator' | 'action' | 'fallback';
  name: string;
  detail: string;
  operator?: number; // of the plan
  action?: number; // of the rule
  fallback?: number; // which of the action's: 1 is its own, 2 that one's
  x: number;
  y: number;
}

export interface FlowEdge {
  id: string;
  source: string;
  target: string;
  // Whose output runs along it: an operator's, or the rows that go to an action.
  operator?: number;
  action?: number;
  fallback?: number;
}

export interface Flow {
  nodes: FlowNode[];
  edges: FlowEdge[];
  width: number;
  height: number;
}

export const nodeSize = { width: 270, height: 58 };

const targetOf = (action: Action): string => {
  for (const name of ['topic', 'point', 'prefix', 'subject', 'table', 'url', 'path', 'to', 'text'])
    if (typeof action[name] === 'string') return action[name];
  return action.connector ?? '';
};

export function flowOf(operators: PlanOperator[], actions: Action[]): Flow {
  const nodes: FlowNode[] = [];
  const edges: FlowEdge[] = [];
  const used = new Set(operators.flatMap((one) => one.inputs));
  for (const one of operators) {
    nodes.push({ id: `o${one.id}`, kind: 'operator', name: one.name, detail: one.detail,
      operator: one.id, x: 0, y: 0 });
    for (const input of one.inputs)
      edges.push({ id: `o${input}-o${one.id}`, source: `o${input}`, target: `o${one.id}`,
        operator: input });
  }
  const last = operators.filter((one) => !used.has(one.id));
  actions.forEach((action, index) => {
    const id = `a${index}`;
    nodes.push({ id, kind: 'action', name: action.name ?? action.type, detail: targetOf(action),
      action: index, x: 0, y: 0 });
    for (const one of last)
      edges.push({ id: `o${one.id}-${id}`, source: `o${one.id}`, target: id, action: index });
    let step = action.fallback as Action | undefined;
    let before = id;
    for (let depth = 0; step && typeof step === 'object' && depth < 5; depth++) {
      const next = `${before}f`;
      nodes.push({ id: next, kind: 'fallback', name: step.name ?? step.type,
        detail: targetOf(step), action: index, fallback: depth + 1, x: 0, y: 0 });
      edges.push({ id: `${before}-${next}`, source: before, target: next, action: index,
        fallback: depth + 1 });
      before = next;
      step = step.fallback as Action | undefined;
    }
  });
  return layOut(nodes, edges);
}

// The figures of an action, or of a fallback behind it.
export function figuresOf(actions: ActionFigures[], at: { action?: number; fallback?: number }):
  ActionFigures | undefined {
  let figures = at.action === undefined ? undefined : actions[at.action];
  for (let left = at.fallback ?? 0; left > 0; left--) figures = figures?.fallback;
  return figures;
}

function layOut(nodes: FlowNode[], edges: FlowEdge[]): Flow {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 22, ranksep: 40, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) graph.setNode(node.id, { ...nodeSize });
  for (const edge of edges) graph.setEdge(edge.source, edge.target);
  dagre.layout(graph);
  const placed = nodes.map((node) => {
    const at = graph.node(node.id) as { x: number; y: number };
    return { ...node, x: at.x - nodeSize.width / 2, y: at.y - nodeSize.height / 2 };
  });
  const { width = 0, height = 0 } = graph.graph();
  return { nodes: placed, edges, width, height };
}

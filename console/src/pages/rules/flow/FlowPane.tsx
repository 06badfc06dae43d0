import {
  ReactFlow, Background, BaseEdge, EdgeLabelRenderer, Handle, Position, getBezierPath,
  type Edge, type EdgeProps, type Node, type NodeProps, type ReactFlowInstance,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { formatNumber } from '~/lib/units';
import { Empty } from '~/ui';
import type { Action, Rule, RuleFigures, RuleSpec } from '../data';
import { placeOfOperator, type Span } from '../editor/locate';
import type { Checked } from '../editor/useChecked';
import { useTrack } from '../rates';
import styles from '../rules.module.css';
import { words } from '../words';
import { figuresOf, flowOf, type FlowEdge, type FlowNode } from './graph';
import { Tap } from './Tap';
import type { TapOrder, TapTarget } from './taps';

type BoxNode = Node<{ box: FlowNode; note: string; onOpen: () => void }, 'box'>;
type LineEdge = Edge<{ text: string; on: boolean; open: () => void }, 'line'>;

function Box({ data }: NodeProps<BoxNode>): ReactNode {
  const t = words.use();
  const { box, note, onOpen } = data;
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <button type="button" className={`${styles.node} nodrag nopan`} data-kind={box.kind}
        onClick={onOpen} title={box.detail}>
        <b>{box.name}<small className="hw-dim">
          {box.kind === 'operator' ? '' : t(box.kind)}</small></b>
        <span>{box.detail || ' '}</span>
        <span>{note}</span>
      </button>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </>
  );
}

function Line(props: EdgeProps<LineEdge>): ReactNode {
  const [path, x, y] = getBezierPath(props);
  const { data } = props;
  return (
    <>
      <BaseEdge path={path} style={{ stroke: data?.on ? 'var(--hw-accent)'
        : 'var(--hw-line-strong)', strokeWidth: 1.5 }} />
      <EdgeLabelRenderer>
        <button type="button" className={`${styles.edgeLabel} nodrag nopan`} data-on={data?.on}
          onClick={data?.open}
          style={{ transform: `translate(-50%,-50%) translate(${x}px,${y}px)` }}>
          {data?.text || '·'}
        </button>
      </EdgeLabelRenderer>
    </>
  );
}

const fit = { padding: 0.08, maxZoom: 1 };
const nodeTypes = { box: Box };
const edgeTypes = { line: Line };

// Counts of a line: of the operator it leaves, or of the rows that an action got.
export function edgeCount(edge: FlowEdge, figures: RuleFigures): number | undefined {
  if (edge.action !== undefined) return figuresOf(figures.actions, edge)?.rows;
  return edge.operator === undefined ? undefined : figures.operators?.[edge.operator]?.out;
}

function targetOfTap(edge: FlowEdge, actions: Action[]): TapTarget | null {
  if (edge.fallback) return null; // no trace follows a row that a foreign system refused
  if (edge.action !== undefined) {
    const action = actions[edge.action];
    return action ? { action: action.name ?? action.type } : null;
  }
  return edge.operator === undefined ? null : { operator: edge.operator };
}

function useEdgeTexts(edges: FlowEdge[], figures: RuleFigures | undefined, time: number) {
  const t = words.use();
  const before = useRef<{ figures: RuleFigures; time: number } | null>(null);
  const last = useRef<Map<string, string>>(new Map());
  return useMemo(() => {
    if (!figures) return last.current;
    const then = before.current;
    const same = then !== null && then.figures.since === figures.since && time > then.time;
    const texts = new Map<string, string>();
    for (const edge of edges) {
      const count = edgeCount(edge, figures);
      if (count === undefined) continue;
      const old = same && then ? edgeCount(edge, then.figures) : undefined;
      const rate = old === undefined || !then ? '' : ` · ${t('perSecond', {
        value: formatNumber((count - old) / ((time - then.time) / 1000)) })}`;
      texts.set(edge.id, formatNumber(count) + rate);
    }
    if (!then || then.time !== time) before.current = { figures, time };
    return (last.current = texts);
  }, [edges, figures, time, t]);
}

// The plan as a picture: made of the statement, with the figures of the running rule along it.
export default function FlowPane({ spec, saved, checked, dirty, onPoint }: {
  spec: RuleSpec; saved: Rule | null; checked: Checked; dirty: boolean;
  onPoint: (span: Span) => void;
}): ReactNode {
  const t = words.use();
  const track = useTrack(saved?.enable ? saved.id : undefined);
  const flow = useMemo(() => flowOf(checked.operators, spec.actions),
    [checked.operators, spec.actions]);
  // Figures are of what runs, not of what is being written.
  const fits = !dirty && track?.figures.version === saved?.version;
  const figures = fits ? track?.figures : undefined;
  const texts = useEdgeTexts(flow.edges, figures, track?.time ?? 0);
  const [tap, setTap] = useState<FlowEdge | null>(null);
  // The same while one looks at one line after the other.
  const [order, setOrder] = useState<TapOrder>({ topic: '', clientid: '', events: 100 });
  const pane = useRef<ReactFlowInstance<BoxNode, LineEdge> | null>(null);
  const tapped = tap !== null;
  // The pane is smaller beside a tap: all of the flow stays in it.
  useEffect(() => {
    const timer = window.setTimeout(() => void pane.current?.fitView(fit), 60);
    return () => window.clearTimeout(timer);
  }, [tapped]);
  const note = (box: FlowNode): string => {
    const operator = figures?.operators?.[box.operator ?? -1];
    if (operator) return [operator.errors ? `■ ${operator.errors} ${t('errors')}` : '',
      operator.state_rows ? `${operator.state_rows} ▤` : ''].filter(Boolean).join('  ');
    const action = figures && figuresOf(figures.actions, box);
    if (!action) return '';
    return [action.failed ? `■ ${action.failed} ${t('failed')}` : '',
      action.queued ? t('rowsQueued', { count: action.queued }) : ''].filter(Boolean).join('  ');
  };
  const open = (box: FlowNode) => {
    const span = box.kind === 'operator' ? placeOfOperator(spec.sql, box.name, box.detail) : null;
    if (span) onPoint(span);
  };
  if (flow.nodes.length === 0) return <Empty title={t('flow')} text={t('flowBroken')} />;
  const nameOf = (id: string) => flow.nodes.find((box) => box.id === id)?.name ?? id;
  const nodes: BoxNode[] = flow.nodes.map((box) => ({
    id: box.id, type: 'box', domAttributes: { 'aria-roledescription': t('step') },
    position: { x: box.x, y: box.y },
    data: { box, note: note(box), onOpen: () => open(box) },
  }));
  const edges: LineEdge[] = flow.edges.map((edge) => ({
    id: edge.id, source: edge.source, target: edge.target, type: 'line',
    ariaLabel: t('flowLink', { from: nameOf(edge.source), to: nameOf(edge.target) }),
    domAttributes: { 'aria-roledescription': t('link') },
    data: { text: fits ? texts.get(edge.id) ?? '' : '', on: tap?.id === edge.id,
      open: () => { if (!edge.fallback) setTap(edge); } },
  }));
  const target = tap && targetOfTap(tap, spec.actions);
  return (
    <div className={styles.flowPane}>
      <p className={styles.note} style={{ padding: '6px 14px' }}>{t('flowHelp')}</p>
      <div className={styles.flowBody}>
        <ReactFlow key={flow.nodes.map((one) => one.id).join()} nodes={nodes} edges={edges}
          nodeTypes={nodeTypes} edgeTypes={edgeTypes} fitView minZoom={0.2} maxZoom={1.5}
          nodesDraggable={false} nodesConnectable={false} elementsSelectable={false}
          fitViewOptions={fit} onInit={(instance) => {
            pane.current = instance;
          }}
          // Named in THIRD_PARTY.md; its link is too small and too pale to be used.
          proOptions={{ hideAttribution: true }}
          nodesFocusable={false} edgesFocusable={false} aria-label={t('flow')}>
          <Background color="var(--hw-line)" gap={22} />
        </ReactFlow>
      </div>
      {tap && target && <Tap key={tap.id} target={target} rule={saved} dirty={dirty}
        order={order} onOrder={setOrder}
        fromName={nameOf(tap.source)} toName={nameOf(tap.target)} onClose={() => setTap(null)} />}
    </div>
  );
}

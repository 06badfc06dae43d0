import '@xyflow/react/dist/style.css';
import dagre from '@dagrejs/dagre';
import {
  Background, Controls, Handle, MarkerType, Position, ReactFlow, type Edge, type Node,
  type NodeProps,
} from '@xyflow/react';
import { useMemo, type ReactNode } from 'react';
import { usePrefs } from '~/lib/prefs';
import { lastPart, type Relationship } from '../data';
import styles from '../twin.module.css';
import { words } from '../words';
import { graphOf } from './graph';

type TwinNode = Node<{ id: string; label: string; center: boolean; open: () => void }, 'twin'>;

const size = { width: 172, height: 44 };

function Box({ data }: NodeProps<TwinNode>): ReactNode {
  return (
    <div className={styles.graphNode} data-center={data.center} title={data.id}>
      <Handle type="target" position={Position.Left} style={{ opacity: 0 }} />
      <div>{data.label}</div>
      <div className="hw-dim">{data.id}</div>
      <Handle type="source" position={Position.Right} style={{ opacity: 0 }} />
    </div>
  );
}

const nodeTypes = { twin: Box };

// The twin between those that point to it and those it points to.
export default function RelationGraph({ id, name, out, into, onSelect }: {
  id: string; name: string; out: Relationship[]; into: Relationship[];
  onSelect: (id: string) => void;
}): ReactNode {
  const t = words.use();
  const scheme = usePrefs((prefs) => prefs.scheme);
  const { nodes, edges, left } = useMemo(() => {
    const graph = graphOf(id, out, into);
    const layout = new dagre.graphlib.Graph().setDefaultEdgeLabel(() => ({}));
    layout.setGraph({ rankdir: 'LR', nodesep: 10, ranksep: 110 });
    graph.ids.forEach((one) => layout.setNode(one, { ...size }));
    graph.links.forEach((one) => layout.setEdge(one.source, one.target));
    dagre.layout(layout);
    return {
      left: graph.left,
      nodes: graph.ids.map((one): TwinNode => {
        const { x, y } = layout.node(one);
        return {
          id: one, type: 'twin', domAttributes: { 'aria-roledescription': t('twinRole') },
          position: { x: x - size.width / 2, y: y - size.height / 2 },
          data: {
            id: one, center: one === id, label: one === id && name ? name : lastPart(one),
            open: () => onSelect(one),
          },
        };
      }),
      edges: graph.links.map((one): Edge => ({
        id: `${one.source} ${one.target}`, source: one.source, target: one.target,
        ariaLabel: t('linkOf', { from: lastPart(one.source), name: one.names.join(', '),
          to: lastPart(one.target) }), domAttributes: { 'aria-roledescription': t('linkRole') },
        label: one.names.join(', '), markerEnd: { type: MarkerType.ArrowClosed },
        style: { stroke: 'var(--hw-line-strong)' },
        labelStyle: { fill: 'var(--hw-dim)', fontSize: 11 },
        labelBgStyle: { fill: 'var(--hw-bg)' },
      })),
    };
  }, [id, name, out, into, onSelect, t]);
  return (
    <div className={styles.graph}>
      <ReactFlow key={id} nodes={nodes} edges={edges} nodeTypes={nodeTypes} fitView
        fitViewOptions={{ maxZoom: 1 }} minZoom={0.1} nodesDraggable={false}
        nodesConnectable={false} colorMode={scheme === 'auto' ? 'system' : scheme}
        proOptions={{ hideAttribution: true }}
        ariaLabelConfig={{ 'controls.ariaLabel': t('graphControls'),
          'controls.zoomIn.ariaLabel': t('zoomIn'), 'controls.zoomOut.ariaLabel': t('zoomOut'),
          'controls.fitView.ariaLabel': t('fitAll') }}
        aria-label={t('graph')} onNodeClick={(_, node) => (node as TwinNode).data.open()}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          const at = (event.target as HTMLElement).closest('.react-flow__node')
            ?.getAttribute('data-id');
          if (at && at !== id) onSelect(at);
        }}>
        <Background color="var(--hw-line)" gap={24} />
        <Controls showInteractive={false} />
      </ReactFlow>
      {left > 0 && <p className={styles.hint}>{t('graphLeft', { count: left })}</p>}
    </div>
  );
}

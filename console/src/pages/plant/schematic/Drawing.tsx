import { ActionIcon } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { Maximize, Minus, Plus } from 'lucide-react';
import { memo, useCallback, useEffect, useMemo, type KeyboardEvent, type ReactNode } from 'react';
import { useUnits } from '~/lib/units';
import type { SceneViewProps, Trouble } from '../contract';
import type { Item, SceneModel } from '../model/scene';
import { flowStep, useItemState, type ItemState } from '../model/state';
import styles from '../plant.module.css';
import { words } from '../words';
import { letterSize, placeLabels, roomOf, type LabelPlace } from './labels';
import { placeSheet, stretchFor, type Placed, type PlacedLine } from './place';
import { longestPiece, roundedPath, routeLines } from './route';
import { Symbol } from './Symbol';
import { badges, Troubles } from './Troubles';
import { useView, type Camera } from './useView';

type TroubleOf = (item: Item) => Trouble | undefined;

// The site as a flow sheet, from the scene alone. Each symbol renders by itself when what it shows
// has changed.
export default function Drawing(props: SceneViewProps & {
  model: SceneModel; camera?: Camera;
}): ReactNode {
  const { model, source, hiddenLayers, selected, onSelect, flyTo, trouble, label, camera } = props;
  const t = words.use();
  useUnits();
  const { ref, width, height } = useElementSize();
  const sheet = useMemo(
    () => placeSheet(model, stretchFor(model.sheet ?? [1600, 700],
      [width || 1100, height || 640]), hiddenLayers),
    [model, width, height, hiddenLayers],
  );
  const routes = useMemo(() => routeLines(sheet), [sheet]);
  const { view, element, hands, zoom, reset, lookAt } = useView(sheet, camera);
  const troubleOf = useCallback((item: Item) => trouble(item.node), [trouble]);
  useEffect(() => {
    const node = sheet.nodes.find((one) => one.item.id === flyTo?.id);
    if (node) lookAt(node.x, node.y);
    // Only a new wish moves the view.
  }, [flyTo]);
  const size = letterSize(Math.min((width || 1100) / view.w, (height || 640) / view.h));
  const { labels, room } = useMemo(() => {
    const made = roomOf(sheet.nodes, [...routes.values()], [sheet.width, sheet.height]);
    return { labels: placeLabels(sheet.nodes, made, size), room: made };
  }, [sheet, routes, size]);
  const order = [...sheet.nodes].sort((a, b) => b.w * b.h - a.w * a.h);
  return (
    <div ref={ref} style={{ height: '100%' }}>
      <svg ref={element} className={styles.drawing} tabIndex={0} role="group" aria-label={label}
        aria-describedby="drawing-keys" viewBox={`${view.x} ${view.y} ${view.w} ${view.h}`}
        {...hands}>
        <defs>
          <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)">
            <path d="M0 0V7" stroke="var(--hw-hatch)" strokeWidth="4" />
          </pattern>
        </defs>
        {order.filter((one) => one.symbol === 'area').map((one) => (
          <Equipment key={one.item.id} placed={one} source={source} troubleOf={troubleOf}
            label={labels.get(one.item.id)} size={size}
            selected={selected === one.item.id} onSelect={onSelect} />))}
        {sheet.lines.map((line) => (
          <Line key={line.item.id} line={line} points={routes.get(line) ?? []} source={source}
            troubleOf={troubleOf} />))}
        {order.filter((one) => one.symbol !== 'area').map((one) => (
          <Equipment key={one.item.id} placed={one} source={source} troubleOf={troubleOf}
            label={labels.get(one.item.id)} size={size}
            selected={selected === one.item.id} onSelect={onSelect} />))}
        <Troubles nodes={sheet.nodes} source={source} troubleOf={troubleOf} room={room}
          size={size} />
      </svg>
      <p id="drawing-keys" className="hw-visually-hidden">{t('keysHelp')}</p>
      <div className={styles.zoom}>
        <ActionIcon variant="subtle" color="gray" aria-label={t('zoomIn')}
          onClick={() => zoom(1 / 1.3)}><Plus size={16} /></ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={t('zoomOut')}
          onClick={() => zoom(1.3)}><Minus size={16} /></ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={t('whole')} onClick={reset}>
          <Maximize size={16} /></ActionIcon>
      </div>
    </div>
  );
}

interface Part {
  source: SceneViewProps['source'];
  troubleOf: TroubleOf;
}

const Line = memo(function Line({ line, points, source, troubleOf }: Part & {
  line: PlacedLine; points: [number, number][];
}): ReactNode {
  const state = useItemState(line.item, source, troubleOf);
  const path = useMemo(() => roundedPath(points, 8), [points]);
  const piece = useMemo(() => longestPiece(points), [points]);
  const step = flowStep(state.flow);
  const flows = Number.isFinite(step) && step !== 0 && state.trust !== 'offline';
  if (!path || !state.visible) return null;
  return (
    <g>
      <path className={styles.pipe} d={path} />
      {flows && <path className={styles.flowing} d={path} data-step={Math.abs(step)}
        data-back={step < 0} />}
      {flows && piece.length > 28 && (
        <path d="M-5 -4.5L5 0L-5 4.5Z" fill="var(--hw-dim)"
          transform={`translate(${piece.middle[0]} ${piece.middle[1]}) ` +
            `rotate(${piece.angle + (step < 0 ? 180 : 0)})`} />)}
    </g>
  );
});

const Equipment = memo(function Equipment(props: Part & {
  placed: Placed; selected: boolean; onSelect: (id: string | null) => void;
  label: LabelPlace | undefined; size: number;
}): ReactNode {
  const { placed, source, troubleOf, selected, onSelect, label, size } = props;
  const { item, x, y, w, h, symbol } = placed;
  const state = useItemState(item, source, troubleOf);
  if (!state.visible) return null;
  const area = symbol === 'area';
  const doubtful = ['bad', 'stale', 'offline'].includes(state.trust);
  const choose = () => onSelect(selected ? null : item.id);
  const press = item.selectable && !area ? {
    role: 'button', tabIndex: 0, 'aria-pressed': selected,
    'aria-label': [item.name, state.words].filter(Boolean).join(': '),
    onClick: choose,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      event.stopPropagation();
      choose();
    },
  } : {};
  return (
    <g className={styles.node} transform={`translate(${x} ${y})`} data-selected={selected}
      data-node={item.id} {...press}>
      <Symbol placed={placed} state={state} />
      {doubtful && !area && <rect className={styles.doubt} x={-w / 2} y={-h / 2} width={w}
        height={h} rx="4" />}
      {!area && <rect className={styles.ring} x={-w / 2 - 5} y={-h / 2 - 5} width={w + 10}
        height={h + 10} rx="6" />}
      {/* What was left out for want of room is seen while it is chosen. */}
      {label ? <Words label={label} size={size} name={item.name} state={state} />
        : selected && <Words size={size} name={item.name} state={state} label={{
          x: 0, y: -h / 2 - size * 1.6, anchor: 'middle', name: true, values: 1 }} />}
      {state.trouble && !area && (
        <path className={styles.badge} data-kind={state.trouble.kind} d={badges[state.trouble.kind]}
          transform={`translate(${w / 2} ${-h / 2}) scale(${(size / 16).toFixed(2)})`} />)}
      {!area && <title>{[item.name, state.words].filter(Boolean).join(': ')}</title>}
    </g>
  );
});

// Name and values, one under the other. A value that may not be believed says so beside it.
function Words({ label, size, name, state }: {
  label: LabelPlace; size: number; name: string; state: ItemState;
}): ReactNode {
  const t = words.use();
  const row = (index: number) => label.y + index * size * 1.24;
  const first = label.name ? 1 : 0;
  return (
    <g style={{ textAnchor: label.anchor }}>
      {label.leader && (
        <path className={styles.leader} d={`M0 0L${label.leader[0]} ${label.leader[1]}`} />)}
      {label.name && (
        <text className={styles.name} x={label.x} y={label.y} fontSize={size * 0.95}>{name}</text>)}
      {state.labels.slice(0, label.values).map((one, index) => (
        <text key={index} className={styles.value} data-trust={one.trust} fontSize={size}
          x={label.x} y={row(index + first)}>
          {one.text}
          {one.delta && <tspan className={styles.delta}>{` Δ ${one.delta}`}</tspan>}
          {!['good', 'none'].includes(one.trust) && (
            <tspan className={styles.doubtWord} fontSize={size * 0.85}>
              {` ${t(`trust_${one.trust}`)}`}
            </tspan>)}
        </text>))}
    </g>
  );
}

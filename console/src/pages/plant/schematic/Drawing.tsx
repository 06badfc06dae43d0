import { ActionIcon } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { Maximize, Minus, Plus } from 'lucide-react';
import { memo, useCallback, useEffect, useMemo, type CSSProperties, type KeyboardEvent,
  type ReactNode } from 'react';
import { useUnits } from '~/lib/units';
import type { SceneViewProps, Trouble } from '../contract';
import type { Item, SceneModel } from '../model/scene';
import { flowStep, useItemState } from '../model/state';
import styles from '../plant.module.css';
import { words } from '../words';
import { placeSheet, stretchFor, type Placed, type PlacedLine } from './place';
import { longestPiece, roundedPath, routeLines } from './route';
import { Symbol } from './Symbol';
import { useView } from './useView';

type TroubleOf = (item: Item) => Trouble | undefined;

// The site as a flow sheet, from the scene alone. Each symbol renders by itself when what it shows
// has changed.
export default function Drawing(props: SceneViewProps & { model: SceneModel }): ReactNode {
  const { model, source, hiddenLayers, selected, onSelect, flyTo, trouble, label } = props;
  const t = words.use();
  useUnits();
  const { ref, width, height } = useElementSize();
  const sheet = useMemo(
    () => placeSheet(model, stretchFor(model.sheet ?? [1600, 700],
      [width || 1100, height || 640]), hiddenLayers),
    [model, width, height, hiddenLayers],
  );
  const routes = useMemo(() => routeLines(sheet), [sheet]);
  const { view, element, hands, zoom, reset, lookAt } = useView(sheet);
  const troubleOf = useCallback((item: Item) => trouble(item.node), [trouble]);
  useEffect(() => {
    const node = sheet.nodes.find((one) => one.item.id === flyTo);
    if (node) lookAt(node.x, node.y);
    // Only a new wish moves the view.
  }, [flyTo]);
  // Letters keep a size that can be read; names step back where they would run into each other.
  const shown = Math.max(view.w / (width || 1100), view.h / (height || 640));
  const px = Math.min(1.7, Math.max(0.7, shown));
  const far = shown > 1.25;
  const order = [...sheet.nodes].sort((a, b) => b.w * b.h - a.w * a.h);
  return (
    <div ref={ref} style={{ height: '100%' }}>
      <svg ref={element} className={styles.drawing} tabIndex={0} role="group" aria-label={label}
        aria-describedby="drawing-keys" data-far={far}
        style={{ '--px': String(px) } as CSSProperties}
        viewBox={`${view.x} ${view.y} ${view.w} ${view.h}`}
        {...hands}>
        <defs>
          <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)">
            <path d="M0 0V7" stroke="var(--hw-hatch)" strokeWidth="4" />
          </pattern>
        </defs>
        {order.filter((one) => one.symbol === 'area').map((one) => (
          <Equipment key={one.item.id} placed={one} source={source} troubleOf={troubleOf}
            selected={selected === one.item.id} onSelect={onSelect} />))}
        {sheet.lines.map((line) => (
          <Line key={line.item.id} line={line} points={routes.get(line) ?? []} source={source}
            troubleOf={troubleOf} />))}
        {order.filter((one) => one.symbol !== 'area').map((one) => (
          <Equipment key={one.item.id} placed={one} source={source} troubleOf={troubleOf}
            selected={selected === one.item.id} onSelect={onSelect} />))}
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

const badges = {
  alarm: 'M-8 -8h16v16h-16z', warn: 'M0 -9L10 8H-10z', note: 'M0 -9L9 0L0 9L-9 0z',
};

interface Chosen {
  placed: Placed;
  selected: boolean;
  onSelect: (id: string | null) => void;
}

const Equipment = memo(function Equipment(props: Part & Chosen): ReactNode {
  const { placed, source, troubleOf, selected, onSelect } = props;
  const { item, x, y, w, h, symbol } = placed;
  const state = useItemState(item, source, troubleOf);
  if (!state.visible) return null;
  const area = symbol === 'area';
  const doubtful = ['bad', 'stale', 'offline'].includes(state.trust);
  const below = h / 2 + 14;
  const right = placed.label === 'right';
  const left = placed.label === 'left';
  const at = right ? { x: w / 2 + 8, y: -2, anchor: 'start' as const }
    : left ? { x: -w / 2 - 8, y: -2, anchor: 'end' as const }
      : { x: 0, y: placed.label === 'above' ? -h / 2 - 6 - 13 * state.labels.length
        : area ? -h / 2 - 6 : placed.label === 'inside' ? 0 : below, anchor: 'middle' as const };
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
      {placed.label !== 'none' && (
        <text className={styles.name} x={at.x} y={at.y} style={{ textAnchor: at.anchor }}>
          {item.name}
        </text>)}
      {state.labels.map((one, i) => (
        <text key={i} className={styles.value} data-trust={one.trust} x={at.x}
          y={at.y} dy={`${(i + 1) * 1.15}em`} style={{ textAnchor: at.anchor }}>{one.text}</text>))}
      {state.trouble && !area && (
        <path className={styles.badge} data-kind={state.trouble.kind}
          d={badges[state.trouble.kind]}
          transform={`translate(${w / 2} ${-h / 2}) scale(0.85)`}>
          <title>{state.trouble.text}</title>
        </path>)}
    </g>
  );
});

import { ActionIcon } from '@mantine/core';
import { Maximize, Minus, Plus } from 'lucide-react';
import {
  memo, useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent,
  type ReactNode,
} from 'react';
import { kindOf } from './shapes';
import type { RawScene } from './data';
import { changeNode, nameOf } from './draft';
import {
  boxOf, flat, framesOf, moved, moveOf, outlineOf, zoomed, type Box, type Flat, type Outline,
} from './plan';
import styles from './scene.module.css';
import { words } from './words';

const fine = 0.1; // m, an arrow key
const coarse = 1; // with Shift

interface Drawn {
  id: string;
  name: string;
  kind: string;
  outline: Outline | null;
  at: Flat;
}

// What lies below is drawn first: land and areas, then what stands on them.
const order = (kind: string) => (kind === 'area' ? 0 : kind === 'river' ? 1
  : kind === 'building' ? 2 : 3);

function useDrawn(scene: RawScene): Drawn[] {
  return useMemo(() => {
    const frames = framesOf(scene);
    return scene.nodes.flatMap((node): Drawn[] => {
      const frame = frames.get(node.id);
      return frame ? [{
        id: node.id, name: nameOf(node), kind: kindOf(node),
        outline: outlineOf(node, frame, scene.up), at: flat(frame.at, scene.up),
      }] : [];
    }).sort((a, b) => order(a.kind) - order(b.kind));
  }, [scene]);
}

// The scene from above. A click chooses, dragging moves what is chosen, arrow keys nudge it; the
// ground is dragged and the wheel zooms.
export function TopView({ scene, selected, onSelect, onEdit, may }: {
  scene: RawScene; selected: string | null; onSelect: (id: string | null) => void;
  onEdit: (scene: RawScene, key: string) => void; may: boolean;
}): ReactNode {
  const t = words.use();
  const place = useRef<SVGSVGElement>(null);
  const drawn = useDrawn(scene);
  const all = useMemo(() => boxOf(drawn.flatMap((one) => one.outline?.points ?? [one.at])),
    // The view does not jump while something is moved.
    // eslint-disable-next-line
    [drawn.length]);
  const [box, setBox] = useState<Box>(all);
  useEffect(() => setBox(all), [all]);
  const zoom = (factor: number, about?: Flat) => setBox((old) =>
    zoomed(old, factor, about ?? [old.x + old.width / 2, old.y + old.height / 2]));
  const move = (by: Flat, from: RawScene = scene, key = 'move') => {
    const node = from.nodes.find((one) => one.id === selected);
    if (!node) return;
    const parent = node.parent ? framesOf(from).get(node.parent) : undefined;
    onEdit(changeNode(from, node.id,
      { position: moved(node, moveOf(parent, by, from.up)) }), `${key} ${node.id}`);
  };
  const drag = useDrag({ place, scene, box, setBox, move, onSelect, selected, may });
  // The wheel zooms; React listens passively, where the page would scroll as well.
  useEffect(() => {
    const svg = place.current;
    if (!svg) return undefined;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      zoom(Math.exp(event.deltaY * 0.0012), pointOf(svg, event));
    };
    svg.addEventListener('wheel', onWheel, { passive: false });
    return () => svg.removeEventListener('wheel', onWheel);
  }, []);
  const onKey = (event: KeyboardEvent) => {
    const steps: Record<string, Flat> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0],
      ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    if (event.key === '+') zoom(0.8);
    else if (event.key === '-') zoom(1.25);
    else if (event.key === '0') setBox(all);
    else if (step && selected && may) {
      const by = event.shiftKey ? coarse : fine;
      move([step[0] * by, step[1] * by], scene, 'nudge');
    } else if (step)
      setBox((old) => ({ ...old, x: old.x + step[0] * old.width * 0.1,
        y: old.y + step[1] * old.height * 0.1 }));
    else return;
    event.preventDefault();
  };
  const chosen = drawn.find((one) => one.id === selected);
  return (
    <div className={styles.plan}>
      <svg ref={place} className={styles.drawing} role="application" tabIndex={0}
        aria-label={t(may ? 'planLabel' : 'planLabelRead')} onKeyDown={onKey} {...drag}
        viewBox={`${box.x} ${box.y} ${box.width} ${box.height}`}>
        {drawn.map((one) => <Piece key={one.id} piece={one} line={box.width / 500} />)}
        {chosen && <Piece piece={chosen} line={box.width / 500} chosen />}
        {chosen && <Cross at={chosen.at} size={box.width / 60} />}
      </svg>
      <div className={styles.planTools}>
        <ActionIcon size="sm" variant="default" aria-label={t('zoomIn')} onClick={() => zoom(0.7)}>
          <Plus size={13} /></ActionIcon>
        <ActionIcon size="sm" variant="default" aria-label={t('zoomOut')}
          onClick={() => zoom(1.4)}><Minus size={13} /></ActionIcon>
        <ActionIcon size="sm" variant="default" aria-label={t('fitAll')}
          onClick={() => setBox(all)}><Maximize size={13} /></ActionIcon>
      </div>
      <Ruler box={box} place={place} />
      <div className={styles.planHint}>
        {chosen ? `${chosen.name}${may ? ` · ${t('planMove')}` : ''}` : t('planChoose')}</div>
    </div>
  );
}

const pathOf = ({ points, closed }: Outline) =>
  `M${points.map((one) => one.map((value) => value.toFixed(2)).join(' ')).join('L')}` +
  (closed ? 'Z' : '');

const Piece = memo(function Piece({ piece, line, chosen = false }: {
  piece: Drawn; line: number; chosen?: boolean;
}): ReactNode {
  const { outline, id, name, kind, at } = piece;
  if (!outline)
    return kind === 'label' || chosen ? (
      <circle cx={at[0]} cy={at[1]} r={line * 3} data-node={id} data-kind="dot"
        className={styles.piece} data-chosen={chosen}><title>{name}</title></circle>) : null;
  return (
    <path d={pathOf(outline)} data-node={id} data-kind={outline.closed ? kind : 'line'}
      className={styles.piece} data-chosen={chosen}
      strokeWidth={outline.closed ? undefined : Math.max(outline.width, line * 1.5)}>
      <title>{name}</title>
    </path>
  );
}, (a, b) => a.piece === b.piece && a.chosen === b.chosen
  && (a.piece.outline?.closed === true || a.line === b.line));

const Cross = ({ at: [x, y], size }: { at: Flat; size: number }): ReactNode => (
  <path className={styles.cross} d={`M${x - size} ${y}H${x + size}M${x} ${y - size}V${y + size}`} />
);

// A bar of a round length.
function Ruler({ box, place }: {
  box: Box; place: React.RefObject<SVGSVGElement | null>;
}): ReactNode {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const svg = place.current;
    // Letterboxed: the smaller of both scales counts.
    if (svg) setWidth(Math.min(svg.clientWidth / box.width, svg.clientHeight / box.height));
  }, [box, place]);
  if (!width) return null;
  const wanted = 90 / width;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const length = [5, 2, 1].map((one) => one * power).find((one) => one <= wanted) ?? power;
  return <div className={styles.ruler} style={{ width: length * width }}>{length} m</div>;
}

function pointOf(svg: SVGSVGElement, event: { clientX: number; clientY: number }): Flat {
  const matrix = svg.getScreenCTM();
  if (!matrix) return [0, 0];
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
  return [point.x, point.y];
}

const dragAfterPx = 4;

function useDrag({ place, scene, box, setBox, move, onSelect, selected, may }: {
  place: React.RefObject<SVGSVGElement | null>; scene: RawScene; box: Box;
  setBox: (box: Box) => void; move: (by: Flat, from: RawScene, key: string) => void;
  onSelect: (id: string | null) => void; selected: string | null; may: boolean;
}) {
  const held = useRef<{
    id: string | null; from: Flat; px: Flat; scene: RawScene; box: Box; moved: boolean; n: number;
  } | null>(null);
  const count = useRef(0);
  return {
    onPointerDown: (event: PointerEvent<SVGSVGElement>) => {
      if (!place.current || event.button !== 0) return;
      const id = (event.target as Element).getAttribute('data-node');
      count.current += 1;
      held.current = { id, from: pointOf(place.current, event), scene, box, moved: false,
        px: [event.clientX, event.clientY], n: count.current };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<SVGSVGElement>) => {
      const one = held.current;
      const matrix = place.current?.getScreenCTM();
      if (!one || !matrix) return;
      const px: Flat = [event.clientX - one.px[0], event.clientY - one.px[1]];
      if (!one.moved && Math.hypot(...px) < dragAfterPx) return;
      one.moved = true;
      const by: Flat = [px[0] / matrix.a, px[1] / matrix.d];
      // Only what is chosen moves: what is touched by chance stays where it is.
      if (may && one.id && one.id === selected) move(by, one.scene, `drag ${one.n}`);
      else setBox({ ...one.box, x: one.box.x - by[0], y: one.box.y - by[1] });
    },
    onPointerUp: () => {
      const one = held.current;
      held.current = null;
      if (one && !one.moved) onSelect(one.id);
    },
    onPointerCancel: () => {
      held.current = null;
    },
  };
}

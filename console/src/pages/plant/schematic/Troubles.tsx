import { useCallback, useMemo, useRef, useSyncExternalStore, type ReactNode } from 'react';
import type { Trouble, ValueSource } from '../contract';
import type { Item } from '../model/scene';
import styles from '../plant.module.css';
import { placeTroubles, type Room } from './labels';
import type { Placed } from './place';

export const badges = {
  alarm: 'M-8 -8h16v16h-16z', warn: 'M0 -9L10 8H-10z', note: 'M0 -9L9 0L0 9L-9 0z',
};

const shortened = (text: string): string => (text.length > 30 ? `${text.slice(0, 29)}…` : text);

interface Told { node: Placed; kind: Trouble['kind']; text: string }

// What is amiss, in words beside the equipment and over everything else. Lost trust is said beside
// each value already, and its mark is at the symbol.
export function Troubles({ nodes, source, troubleOf, room, size }: {
  nodes: Placed[]; source: ValueSource; troubleOf: (item: Item) => Trouble | undefined;
  room: Room; size: number;
}): ReactNode {
  const last = useRef<{ key: string; list: Told[] }>({ key: '', list: [] });
  const snapshot = useCallback(() => {
    const list = nodes.flatMap((node): Told[] => {
      const one = node.symbol === 'area' ? undefined : troubleOf(node.item);
      return one && !one.ofTrust ? [{ node, kind: one.kind, text: shortened(one.text) }] : [];
    });
    const key = list.map(({ node, kind, text }) => `${node.item.id} ${kind} ${text}`).join();
    // Numbers in the words change often; the places only when their length does.
    if (key !== last.current.key) last.current = { key, list };
    return last.current.list;
  }, [nodes, troubleOf]);
  const told = useSyncExternalStore(source.subscribe, snapshot);
  const shape = told.map(({ node, text }) => `${node.item.id} ${text.replace(/\d/g, '0')}`).join();
  const places = useMemo(() => placeTroubles(told, room, size), [shape, room, size]);
  return (
    <g aria-hidden="true" pointerEvents="none">
      {told.map(({ node, kind, text }) => {
        const place = places.get(node.item.id);
        return place && (
          <g key={node.item.id} className={styles.badge} data-kind={kind}
            transform={`translate(${node.x} ${node.y})`}>
            {place.leader && (
              <path className={styles.leader} d={`M0 0L${place.leader[0]} ${place.leader[1]}`} />)}
            <path d={badges[kind]} transform={`translate(${place.x + size * 0.5} ` +
              `${place.y - size * 0.34}) scale(${(size / 20).toFixed(2)})`} />
            <text className={styles.said} x={place.x + size * 1.3} y={place.y}
              fontSize={size}>{text}</text>
          </g>);
      })}
    </g>
  );
}

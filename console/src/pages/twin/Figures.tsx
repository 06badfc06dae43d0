import { Popover } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef, type ReactNode } from 'react';
import { getJson } from '~/lib/api';
import { formatNumber } from '~/lib/units';
import styles from './twin.module.css';
import { words } from './words';

export interface TwinFigures {
  models: number;
  twins: number;
  relationships: number;
  slots: number;
  bound_slots: number;
  derived_slots: number;
  updates: number;
  derivations: number;
  dropped: number;
  queued_bytes: number;
  memory_bytes: number;
}

const askEveryMs = 5_000;

interface Sample { time: number; figures: TwinFigures }

// A second, between two answers; null until there are two, and where the server began anew.
export function rateOf(before: Sample | null, now: Sample | null,
  name: 'updates' | 'derivations' | 'dropped'): number | null {
  if (!before || !now || now.time <= before.time) return null;
  const more = now.figures[name] - before.figures[name];
  return more < 0 ? null : (more * 1000) / (now.time - before.time);
}

export const bytesText = (bytes: number): string => (bytes >= 2 ** 20
  ? `${formatNumber(bytes / 2 ** 20, 1)} MiB`
  : bytes >= 1024 ? `${formatNumber(bytes / 1024, 1)} KiB` : `${formatNumber(bytes)} B`);

const told = ['models', 'twins', 'relationships', 'slots', 'bound_slots', 'derived_slots',
  'updates', 'derivations', 'dropped', 'queued_bytes', 'memory_bytes'] as const;

// How many there are and how much comes, in one line; all figures where it is asked for. What is
// dropped is never quiet.
export function Figures(): ReactNode {
  const t = words.use();
  const before = useRef<Sample | null>(null);
  const last = useRef<Sample | null>(null);
  const answer = useQuery({
    queryKey: ['twin-figures'], refetchInterval: askEveryMs,
    queryFn: async ({ signal }): Promise<Sample> => {
      const figures = await getJson<TwinFigures>('/api/v1/twin/figures', { signal });
      return { time: Date.now(), figures };
    },
  });
  const now = answer.data ?? null;
  if (now && now !== last.current) {
    before.current = last.current;
    last.current = now;
  }
  if (!now) return <div className={styles.figureStrip} />;
  const { figures } = now;
  const rate = (name: 'updates' | 'derivations' | 'dropped') => {
    const value = rateOf(before.current, now, name);
    return value === null ? '–' : t('perSecond', { rate: formatNumber(value, value < 10 ? 1 : 0) });
  };
  const valueOf = (name: (typeof told)[number]): string => (name.endsWith('_bytes')
    ? bytesText(figures[name])
    : name === 'updates' || name === 'derivations' || name === 'dropped'
      ? `${formatNumber(figures[name])} (${rate(name)})` : formatNumber(figures[name]));
  const losing = (rateOf(before.current, now, 'dropped') ?? 0) > 0;
  return (
    <Popover position="top-start" width={340} trapFocus returnFocus withinPortal>
      <Popover.Target>
        <button type="button" className={styles.figureStrip} title={t('aboutTwins')}>
          <span>{t('countTwins', { count: formatNumber(figures.twins) })}</span>
          <span>{rate('updates')}</span>
          {figures.queued_bytes > 0
            && <span>{t('queuedNow', { size: bytesText(figures.queued_bytes) })}</span>}
          {figures.dropped > 0 && (
            <span style={losing ? { color: 'var(--hw-warn)' } : undefined}>
              {losing ? '△ ' : ''}{t('droppedNow', { count: formatNumber(figures.dropped) })}
            </span>)}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <h3 className={styles.figureTitle}>{t('aboutTwins')}</h3>
        <dl className={styles.figureList}>
          {told.map((name) => [
            <dt key={name}>{t(`figure_${name}`)}</dt>,
            <dd key={`${name} value`} className="hw-num">{valueOf(name)}</dd>,
          ])}
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}

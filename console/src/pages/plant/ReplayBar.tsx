import { ActionIcon, Button, NativeSelect, Slider, TextInput } from '@mantine/core';
import { History, Pause, Play, StepBack, StepForward } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { useLink } from '~/lib/live';
import { formatTime, useZone } from '~/lib/time';
import { ProblemAlert, State } from '~/ui';
import styles from './plant.module.css';
import type { Replay } from './sources/replay';
import { words } from './words';

const speeds = [1, 10, 60, 300, 1800, 3600];
const frameMs = 100;

// The day as text of a date field, in the person's own zone.
export const dayText = (time: number): string => {
  const day = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
};
export const dayStart = (text: string): number => new Date(`${text}T00:00:00`).getTime();

// Moves through a day of the past at any speed. Without one it only offers to.
export function ReplayBar({ at, replay, busy, error, onMove, onDay, onEnd }: {
  at: number | null; replay: Replay | null; busy: boolean; error: unknown;
  onMove: (time: number) => void; onDay: (start: number) => void; onEnd: () => void;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const link = useLink();
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(300);
  useEffect(() => {
    if (!playing || !replay || at === null) return undefined;
    const timer = window.setTimeout(() => {
      const next = at + speed * frameMs;
      if (next >= replay.to) setPlaying(false);
      onMove(Math.min(next, replay.to));
    }, frameMs);
    return () => window.clearTimeout(timer);
  }, [playing, replay, at, speed, onMove]);
  if (at === null)
    return (
      <div className={styles.replay}>
        {link.state === 'down' ? <State kind="warn">{t('trust_offline')}</State>
          : <State kind="ok">{t('live')}</State>}
        <Button size="compact-sm" variant="default" leftSection={<History size={14} />}
          onClick={() => onDay(Date.now() - 3600e3)}>{t('replay')}</Button>
      </div>
    );
  const from = replay?.from ?? dayStart(dayText(at));
  const to = replay?.to ?? from + 86400e3;
  const step = (to - from) / 288;
  return (
    <div className={styles.replay} data-on="true" role="group" aria-label={t('replay')}>
      <State kind="note">{t('replay')}</State>
      <TextInput type="date" size="xs" aria-label={t('day')} value={dayText(from)}
        max={dayText(Date.now())} onChange={(event) => {
          const start = dayStart(event.currentTarget.value);
          if (Number.isFinite(start)) onDay(start);
        }} />
      <ActionIcon variant="default" aria-label={t('back')} disabled={!replay}
        onClick={() => onMove(Math.max(from, at - step))}><StepBack size={15} /></ActionIcon>
      <ActionIcon variant="filled" aria-label={t(playing ? 'pause' : 'play')} disabled={!replay}
        onClick={() => setPlaying(!playing)}>
        {playing ? <Pause size={15} /> : <Play size={15} />}
      </ActionIcon>
      <ActionIcon variant="default" aria-label={t('forward')} disabled={!replay}
        onClick={() => onMove(Math.min(to, at + step))}><StepForward size={15} /></ActionIcon>
      <NativeSelect size="xs" aria-label={t('speed')} value={speed}
        data={speeds.map((one) => ({ value: String(one), label: t('speedTimes', { times: one }) }))}
        onChange={(event) => setSpeed(Number(event.currentTarget.value))} />
      <div className={styles.slider}>
        <Slider min={from} max={to} step={60e3} value={at} thumbLabel={t('moment')} size="sm"
          label={(value) => formatTime(value, 'minute', zone)} disabled={!replay}
          onChange={(value) => {
            setPlaying(false);
            onMove(value);
          }} />
      </div>
      <span className={styles.moment}>{formatTime(at, 'full', zone)}</span>
      {busy && <span className="hw-dim" role="status">{t('loading')}</span>}
      {replay?.empty && !busy && <span className="hw-dim" role="status">{t('noHistory')}</span>}
      <ProblemAlert error={error} />
      <Button size="compact-sm" variant="default" onClick={onEnd}>{t('endReplay')}</Button>
    </div>
  );
}

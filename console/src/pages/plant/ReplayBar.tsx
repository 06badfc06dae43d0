import { ActionIcon, Button, NativeSelect, Slider, TextInput, Tooltip } from '@mantine/core';
import {
  ChevronFirst, ChevronLast, History, Pause, Play, Radio, StepBack, StepForward,
} from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useLink } from '~/lib/live';
import { formatTime, useZone } from '~/lib/time';
import { ProblemAlert, State } from '~/ui';
import { hoursOf, momentOf, momentText } from './replay/day';
import { useMarks } from './replay/events';
import { EventList } from './replay/EventList';
import { neighbour, type Mark } from './replay/marks';
import styles from './replay/replay.module.css';
import { Ticks } from './replay/Ticks';
import { speeds, useLasting, useMoment, usePlayer, useReplayKeys } from './replay/usePlayer';
import type { Replay } from './sources/replay';
import type { Site } from './useScene';
import { words } from './words';

export interface Playback { at: number | null; speed: number; playing: boolean }

// How far a step goes: what a second of playing shows, and a minute at least.
export const stepOf = (speed: number): number => Math.max(60e3, speed * 1000);

// Without a moment it only offers to replay.
export function ReplayBar(props: {
  site: Site; playback: Playback; replay: Replay | null; busy: boolean; finer: boolean;
  error: unknown; onChange: (change: Partial<Playback>) => void;
  onSelect: (id: string) => void;
}): ReactNode {
  const t = words.use();
  const link = useLink();
  if (props.playback.at !== null) return <Player {...props} at={props.playback.at} />;
  return (
    <div className={styles.bar}>
      <div className={styles.row}>
        {link.state === 'down' ? <State kind="warn">{t('trust_offline')}</State>
          : <State kind="ok">{t('live')}</State>}
        <Button size="compact-sm" variant="default" leftSection={<History size={14} />}
          title={t('replayHelp')}
          onClick={() => props.onChange({ at: Date.now() - 3600e3 })}>{t('replay')}</Button>
      </div>
    </div>
  );
}

function Player({ site, playback, at, replay, busy, finer, error, onChange, onSelect }: {
  site: Site; playback: Playback; at: number; replay: Replay | null; busy: boolean;
  finer: boolean; error: unknown; onChange: (change: Partial<Playback>) => void;
  onSelect: (id: string) => void;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const { speed, playing } = playback;
  const { marks, partly } = useMarks(site, replay);
  usePlayer({ replay, at, speed, playing, write: ({ at: time, play }) => onChange({
    ...(time === undefined ? {} : { at: time }), ...(play === undefined ? {} : { playing: play }),
  }) });
  const shown = useMoment(replay);
  const moment = Number.isFinite(shown) ? shown : at;
  const go = (time: number) => onChange({ at: time, playing: false });
  const goTo = (mark: Mark) => {
    go(mark.time);
    if (mark.node) onSelect(mark.node);
  };
  const step = (by: -1 | 1) => go(Math.min(Date.now(), moment + by * stepOf(speed)));
  const jump = (by: -1 | 1) => {
    const mark = neighbour(marks, moment, by);
    if (mark) goTo(mark);
  };
  const toggle = () => {
    // At the end of what there is it begins anew.
    if (!playing && replay && moment >= replay.to)
      onChange({ at: replay.from, playing: true });
    else onChange({ playing: !playing });
  };
  useReplayKeys(true, { toggle, step, event: jump });
  const slow = useLasting(busy);
  const slowFine = useLasting(finer && !busy, 600);
  const here = marks.filter((one) => Math.abs(one.time - moment) < 500);
  return (
    <div className={styles.bar} data-on="true" role="group" aria-label={t('replay')}>
      <Track replay={replay} moment={moment} marks={marks} zone={zone} onMove={go} onGo={goTo} />
      <div className={styles.row}>
        <State kind="note">{t('replay')}</State>
        <div className={styles.group}>
          <Tool label={t('eventBefore')} keys="<" off={!neighbour(marks, moment, -1)}
            onClick={() => jump(-1)}><ChevronFirst size={16} /></Tool>
          <Tool label={t('back')} keys="," off={!replay} onClick={() => step(-1)}>
            <StepBack size={15} /></Tool>
          <Tool label={t(playing ? 'pause' : 'play')} keys={t('spaceKey')} off={!replay} filled
            onClick={toggle}>{playing ? <Pause size={15} /> : <Play size={15} />}</Tool>
          <Tool label={t('forward')} keys="." off={!replay} onClick={() => step(1)}>
            <StepForward size={15} /></Tool>
          <Tool label={t('eventAfter')} keys=">" off={!neighbour(marks, moment, 1)}
            onClick={() => jump(1)}><ChevronLast size={16} /></Tool>
        </div>
        <NativeSelect size="xs" aria-label={t('speed')} value={speed} w={84}
          data={speeds.map((one) => ({
            value: String(one), label: t('speedTimes', { times: one }) }))}
          onChange={(event) => onChange({ speed: Number(event.currentTarget.value) })} />
        <span className={styles.moment}>{formatTime(moment, 'full', zone)}</span>
        <span className={styles.told} role="status">
          {here[0] ? <State kind={here[0].state}>{here[0].text}</State>
            : slow ? t('loading') : slowFine ? t('loadingFiner')
              : replay?.empty && !busy ? t('noHistory') : ''}
        </span>
        <ProblemAlert error={error} />
        <Jump moment={moment} zone={zone} onMove={go} />
        <EventList marks={marks} partly={partly} moment={moment} zone={zone} onGo={goTo} />
        <Tooltip label={t('endReplay')}>
          <ActionIcon variant="default" aria-label={t('endReplay')}
            onClick={() => onChange({ at: null, playing: false })}><Radio size={15} /></ActionIcon>
        </Tooltip>
      </div>
    </div>
  );
}

function Tool({ label, keys, off, filled = false, onClick, children }: {
  label: string; keys: string; off: boolean; filled?: boolean; onClick: () => void;
  children: ReactNode;
}): ReactNode {
  return (
    <Tooltip label={`${label}  (${keys})`} openDelay={400}>
      <ActionIcon variant={filled ? 'filled' : 'default'} aria-label={label}
        aria-keyshortcuts={keys} disabled={off} onClick={onClick}>{children}</ActionIcon>
    </Tooltip>
  );
}

function Track({ replay, moment, marks, zone, onMove, onGo }: {
  replay: Replay | null; moment: number; marks: Mark[]; zone: string;
  onMove: (time: number) => void; onGo: (mark: Mark) => void;
}): ReactNode {
  const t = words.use();
  const from = replay?.from ?? moment;
  const to = replay?.to ?? moment + 1;
  return (
    <div className={styles.line}>
      <Ticks marks={marks} from={from} to={to} zone={zone} onGo={onGo} />
      <Slider min={from} max={to} step={10e3} value={moment} thumbLabel={t('moment')} size="sm"
        label={(value) => formatTime(value, 'clock', zone)} disabled={!replay}
        thumbProps={{ 'aria-valuetext': formatTime(moment, 'full', zone) }} onChange={onMove} />
      <div className={styles.hours} aria-hidden="true">
        {replay && hoursOf(from, to).map((time) => (
          <span key={time} style={{ left: `${((time - from) / (to - from)) * 100}%` }}>
            {formatTime(time, 'minute', zone)}</span>))}
      </div>
    </div>
  );
}

// A moment typed or chosen. It moves when it is whole, so that half a date leads nowhere.
function Jump({ moment, zone, onMove }: {
  moment: number; zone: string; onMove: (time: number) => void;
}): ReactNode {
  const t = words.use();
  const [draft, setDraft] = useState<string | null>(null);
  const go = () => {
    const time = draft === null ? NaN : momentOf(draft, zone);
    setDraft(null);
    if (Number.isFinite(time)) onMove(Math.min(time, Date.now() - 1000));
  };
  return (
    <TextInput type="datetime-local" size="xs" aria-label={t('jump')} title={t('jump')}
      value={draft ?? momentText(moment, zone)} max={momentText(Date.now(), zone)}
      onChange={(event) => setDraft(event.currentTarget.value)} onBlur={go}
      onKeyDown={(event) => {
        if (event.key === 'Enter') go();
        else if (event.key === 'Escape') setDraft(null);
      }} />
  );
}

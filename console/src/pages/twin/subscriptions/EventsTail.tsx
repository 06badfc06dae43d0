import { Switch } from '@mantine/core';
import { useRef, useState, type ReactNode } from 'react';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { State } from '~/ui';
import { plain } from '../data';
import styles from '../twin.module.css';
import { useEvents, type StreamEvent } from '../useTwinStream';
import { words } from '../words';

const kept = 200;

// The newest events of a stream, newest first; it can be held still.
export function EventsTail({ address }: { address: string }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const [on, setOn] = useState(true);
  const [events, setEvents] = useState<{ key: number; event: StreamEvent }[]>([]);
  const [missed, setMissed] = useState(0);
  const waiting = useRef<{ key: number; event: StreamEvent }[]>([]);
  const count = useRef(0);
  const timer = useRef(0);
  const state = useEvents(on ? address : null, (event) => {
    waiting.current.unshift({ key: ++count.current, event });
    // At most four renders a second.
    timer.current ||= window.setTimeout(() => {
      timer.current = 0;
      const taken = waiting.current;
      waiting.current = [];
      setEvents((old) => [...taken, ...old].slice(0, kept));
    }, 250);
  }, (more) => setMissed((old) => old + more));
  return (
    <section className={styles.section}>
      <h3>{t('eventsTail')}
        {on ? <State kind={state === 'up' ? 'ok' : state === 'down' ? 'alarm' : 'busy'}>
          {t(`stream_${state}`)}</State> : <State kind="idle">{t('held')}</State>}
        <Switch size="xs" label={t('follow')} checked={on}
          onChange={(event) => setOn(event.currentTarget.checked)} />
        {missed > 0 && <span>△ {t('missed', { count: missed })}</span>}
      </h3>
      <div className={styles.events} tabIndex={0} aria-label={t('eventsTail')}>
        {events.length === 0 && <span className="hw-dim">{t('noEventsYet')}</span>}
        {events.map(({ key, event }) => (
          <div key={key}>
            {formatTime(parseTime(event.time ?? ''), 'ms', zone)}  {lineOf(event)}</div>))}
      </div>
    </section>
  );
}

// An event in a line.
export function lineOf(event: StreamEvent): string {
  const { twin, path, value, quality, relationship, target, command, detail, text } = event;
  return [
    event.event, twin, path, relationship, target, command,
    value !== undefined ? `= ${String(plain(value))}` : '',
    quality && quality !== 'good' ? quality : '', event.stale ? 'stale' : '',
    typeof detail === 'object' ? JSON.stringify(detail) : detail, text,
  ].filter(Boolean).join('  ');
}

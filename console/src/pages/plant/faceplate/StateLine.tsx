import type { ReactNode } from 'react';
import { formatDuration, formatTime, useZone } from '~/lib/time';
import { State } from '~/ui';
import type { Twin, TwinValue } from '../../twin/data';
import { stateWord } from '../model/state';
import { words } from '../words';
import { useSince } from './data';
import styles from './faceplate.module.css';
import { stateOf, type DeviceLink } from './state';

// Running, stopped, at fault or not heard of; and since when.
export function StateLine({ twin, values, device, at, down }: {
  twin: Twin; values: Record<string, TwinValue>; device: DeviceLink | undefined;
  at: number | null; down: boolean;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const state = down ? null : stateOf(values, device);
  const held = useSince(twin, state?.condition, at);
  if (down) return <div className={styles.state}><State kind="warn">{t('trust_offline')}</State>
  </div>;
  if (!state) return null;
  const time = state.since ?? held?.time;
  const now = at ?? Date.now();
  const day = time !== undefined && now - time > 20 * 3600e3;
  return (
    <div className={styles.state} role="status">
      <State kind={state.kind}>
        {state.word === 'other' ? stateWord(state.text ?? '') : t(state.word)}</State>
      {time !== undefined && Number.isFinite(time) && (
        <span className="hw-dim hw-num">
          {t(held?.atLeast && state.since === undefined ? 'sinceAtLeast' : 'since', {
            time: formatTime(time, day ? 'full' : 'clock', zone) })}
          {' · '}{formatDuration(now - time)}
        </span>)}
    </div>
  );
}

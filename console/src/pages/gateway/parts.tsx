import { TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { useCallback, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { live } from '~/lib/live';
import { formatDuration } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import { State } from '~/ui';
import styles from './gateway.module.css';
import { shownState, type DeviceSummary } from './model';
import { words } from './words';

export function DeviceMark({ device }: {
  device: Pick<DeviceSummary, 'enabled' | 'problem' | 'state'>;
}): ReactNode {
  const t = words.use();
  const shown = shownState(device);
  return (
    <State kind={shown.kind} title={device.problem || device.state?.last_error || undefined}>
      {t(shown.text)}
    </State>
  );
}

export const rateText = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : formatNumber(value, value < 10 ? 1 : 0);

export const shareText = (value: number): string =>
  Number.isNaN(value) ? '–' : `${formatNumber(value * 100, value > 0 && value < 0.1 ? 1 : 0)} %`;

export const intervalText = (ms: number): string =>
  ms % 60_000 === 0 ? `${ms / 60_000} min` : ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;

// How old the newest value of a point is; counts up by itself.
export function Age({ point }: { point: string }): ReactNode {
  const subscribe = useCallback(
    (listener: () => void) => live.subscribe(point, listener), [point]);
  const text = useSyncExternalStore(subscribe, () => {
    const value = live.get(point);
    if (!value) return '–';
    const offset = Number.isFinite(live.link.clockOffsetMs) ? live.link.clockOffsetMs : 0;
    const ms = Math.max(0, Date.now() + offset - value.time);
    return formatDuration(Math.max(1000, ms - (ms % 1000)));
  });
  return <span className={styles.num}>{text}</span>;
}

export function SearchBox({ value, onChange, label, width = 260 }: {
  value: string; onChange: (text: string) => void; label: string; width?: number;
}): ReactNode {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <TextInput size="xs" w={width} leftSection={<Search size={14} />} placeholder={label}
      aria-label={label} value={text} onChange={(event) => {
        setText(event.currentTarget.value);
        onChange(event.currentTarget.value);
      }} />
  );
}

export function Figure({ label, children, title }: {
  label: string; children: ReactNode; title?: string;
}): ReactNode {
  return <div className={styles.figure} title={title}><dt>{label}</dt><dd>{children}</dd></div>;
}

export function Note({ kind, children }: {
  kind?: 'warn' | 'alarm' | 'ok'; children: ReactNode;
}): ReactNode {
  return <div className={styles.note} data-kind={kind}>{children}</div>;
}

import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { ChevronLeft, ChevronRight, Search } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { formatNumber } from '~/lib/units';
import { ProblemAlert } from '~/ui';
import styles from './broker.module.css';
import { useParams } from './useParams';
import { words } from './words';

export function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return '–';
  if (bytes < 10_000) return `${formatNumber(bytes, 0)} B`;
  if (bytes < 10e6) return `${formatNumber(bytes / 1e3, 0)} kB`;
  return bytes < 10e9
    ? `${formatNumber(bytes / 1e6, 0)} MB` : `${formatNumber(bytes / 1e9, 1)} GB`;
}

export const countText = (value: number | undefined): string =>
  value === undefined ? '–' : formatNumber(value, 0);

export const rateText = (value: number | undefined): string =>
  value === undefined ? '–' : formatNumber(value, value > 0 && value < 10 ? 1 : 0);

// A search of the server: what is typed goes into the address a moment after the last key.
export function SearchBox({ name, label, width = 280 }: {
  name: string; label: string; width?: number;
}): ReactNode {
  const { get, set } = useParams();
  const value = get(name);
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const send = useDebouncedCallback((next: string) => set({ [name]: next, cursor: null }), 250);
  return (
    <TextInput size="xs" w={width} leftSection={<Search size={14} />} placeholder={label}
      aria-label={label} value={text} onChange={(event) => {
        setText(event.currentTarget.value);
        send(event.currentTarget.value);
      }} />
  );
}

export function Note({ kind, children }: {
  kind?: 'warn' | 'alarm' | 'ok'; children: ReactNode;
}): ReactNode {
  return <div className={styles.note} data-kind={kind}
    role={kind === 'alarm' ? 'alert' : 'status'}>{children}</div>;
}

// Forward by the server's cursor, back by the browser's history: each page is an entry of it.
export function Pager({ next, rows }: {
  next: string | null | undefined; rows: number;
}): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  if (!next && !get('cursor')) return null;
  return (
    <Group gap={6} justify="flex-end">
      <span className={`${styles.dim} ${styles.small}`}>{t('rowsHere', { count: rows })}</span>
      <Button size="compact-xs" variant="default" disabled={!get('cursor')}
        leftSection={<ChevronLeft size={14} />} onClick={() => set({ cursor: null }, true)}>
        {t('firstPage')}</Button>
      <Button size="compact-xs" variant="default" disabled={!next}
        rightSection={<ChevronRight size={14} />}
        onClick={() => set({ cursor: next ?? null }, true)}>
        {t('nextPage')}</Button>
    </Group>
  );
}

// One question before each change: what will happen, why, and then it is done or the server's
// answer stands there.
export function Ask({ title, children, verb, danger = true, reason: asksReason = true, run, onClose,
  onDone = onClose, ready = true }: {
  title: string; children?: ReactNode; verb: string; danger?: boolean; reason?: boolean;
  ready?: boolean; run: (reason: string) => Promise<unknown>; onClose: () => void;
  onDone?: () => void; // instead of onClose when it is done
}): ReactNode {
  const t = words.use();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await run(reason.trim());
      onDone();
    } catch (failed) {
      setError(failed);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} centered
      closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (!busy && ready) void go();
      }}>
        <Stack gap="sm">
          {children}
          {asksReason && (
            <Textarea label={t('reason')} description={t('reasonHint')} autosize minRows={1}
              maxLength={500} value={reason}
              onChange={(event) => setReason(event.currentTarget.value)} />)}
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} data-autofocus>{t('cancel')}</Button>
            <Button type="submit" loading={busy} disabled={!ready}
              color={danger ? 'red' : undefined}>{verb}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

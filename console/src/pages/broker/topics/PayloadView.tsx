import { Button, SegmentedControl, Switch } from '@mantine/core';
import { useMemo, useState, type ReactNode } from 'react';
import { formatTime, useZone } from '~/lib/time';
import styles from '../broker.module.css';
import { bytesText, Note } from '../parts';
import { useParams } from '../useParams';
import { words } from '../words';
import { hex } from './bytes';
import { decode, formatOf, formats, type Format } from './decode';
import { diffLines } from './diff';
import type { Message } from './store';
import type { Explorer } from './useExplorer';

const shownLines = 3000;

function Meta({ message }: { message: Message }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const { properties: more } = message;
  const pairs: [string, string][] = [
    [t('time'), formatTime(message.time, 'ms', zone)], ['QoS', String(message.qos)],
    [t('retain'), t(message.retain ? 'yes' : 'no')], [t('size'), bytesText(message.size)],
  ];
  if (more?.contentType) pairs.push([t('contentType'), more.contentType]);
  if (more?.responseTopic) pairs.push([t('responseTopic'), more.responseTopic]);
  if (more?.correlation) pairs.push([t('correlation'), hex(more.correlation)]);
  if (more?.expiry !== undefined) pairs.push([t('expiry'), `${more.expiry} s`]);
  for (const [name, value] of more?.user ?? []) pairs.push([name, value]);
  return (
    <div className={styles.meta}>
      {pairs.map(([name, value], index) => <span key={index}>{name} <b>{value}</b></span>)}
    </div>
  );
}

function Lines({ before, after }: { before: string; after: string }): ReactNode {
  const lines = useMemo(() => diffLines(before, after).slice(0, shownLines), [before, after]);
  return lines.map((line, index) => (
    <span key={index} className={styles[line.kind]}>
      {line.kind === 'gone' ? '− ' : line.kind === 'new' ? '+ ' : '  '}{line.text}
    </span>));
}

// A payload by its format, whole or with what changed since the one before.
export function PayloadView({ message, before, explorer, picked, onNewest }: {
  message: Message | null; before: Message | null; explorer: Explorer; picked: boolean;
  onNewest: () => void;
}): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const [changes, setChanges] = useState(false);
  const chosen = formats.find((one) => one === get('fmt'));
  const { aliases } = explorer.store;
  const format: Format = chosen ?? (message
    ? formatOf(message.topic, message.payload, message.properties?.contentType) : 'text');
  const shown = useMemo(() => message && decode(message, format, aliases),
    [message, format, aliases]);
  const old = useMemo(() => (changes && before ? decode(before, format, aliases).text : null),
    [before, changes, format, aliases]);
  if (!message || !shown)
    return <Note>{t('nothingYet')}</Note>;
  return (
    <>
      <Meta message={message} />
      <div className={styles.bar}>
        <SegmentedControl size="xs" value={chosen ?? 'auto'} aria-label={t('format')}
          onChange={(value) => set({ fmt: value === 'auto' ? null : value })}
          data={[{ value: 'auto', label: `${t('auto')}: ${t(`fmt_${format}`)}` },
            ...formats.map((value) => ({ value, label: t(`fmt_${value}`) }))]} />
        <span className={styles.spring} />
        {picked ? (
          <Button size="compact-xs" variant="default" onClick={onNewest}>{t('toNewest')}</Button>
        ) : <Switch size="xs" label={t('changes')} checked={changes} disabled={!before}
          onChange={(event) => setChanges(event.currentTarget.checked)} />}
      </div>
      {shown.problem && <Note kind="warn">{t('notFormat', { format: t(`fmt_${format}`),
        why: shown.problem })}</Note>}
      {message.payload.length < message.size && <Note kind="warn">{t('cutHere', {
        kept: bytesText(message.payload.length), all: bytesText(message.size) })}</Note>}
      <pre className={styles.payload} tabIndex={0} aria-label={t('payload')}>
        {message.size === 0 ? <span className={styles.dim}>{t('emptyPayload')}</span>
          : old !== null ? <Lines before={old} after={shown.text} /> : shown.text}
      </pre>
    </>
  );
}

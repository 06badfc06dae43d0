import {
  Button, Checkbox, Group, SegmentedControl, Select, Textarea, TextInput,
} from '@mantine/core';
import { Send } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useMay } from '~/lib/session';
import { ConfirmWrite, problemText, State, type WriteOutcome } from '~/ui';
import styles from '../broker.module.css';
import { Ask, Note } from '../parts';
import { words } from '../words';
import { hex, utf8 } from './bytes';
import { emptyDraft, flawsOf, isOrder, outgoingOf, type Draft, type PublishFormat } from './draft';
import type { Message } from './store';
import type { Explorer } from './useExplorer';

function Properties({ draft, change, flaw }: {
  draft: Draft; change: (change: Partial<Draft>) => void;
  flaw: (name: keyof Draft) => string | undefined;
}): ReactNode {
  const t = words.use();
  type Name = 'contentType' | 'responseTopic' | 'correlation' | 'expiry';
  const field = (name: Name, hint?: string) => (
    <TextInput size="xs" label={t(name)} value={draft[name]} error={flaw(name)} placeholder={hint}
      spellCheck={false} onChange={(event) => change({ [name]: event.currentTarget.value })} />);
  return (
    <>
      {field('contentType', 'application/json')}
      {field('expiry', t('secondsHint'))}
      {field('responseTopic')}
      {field('correlation', t('hexHint'))}
      <Textarea className={styles.wide} size="xs" label={t('userProperties')} autosize minRows={1}
        maxRows={6} placeholder="name=value" value={draft.user} error={flaw('user')}
        onChange={(event) => change({ user: event.currentTarget.value })} />
    </>
  );
}

// Publishes over the tab's own connection; what orders the plant about is asked for once more.
export function PublishBox({ topic, explorer, last }: {
  topic: string; explorer: Explorer; last: Message | null;
}): ReactNode {
  const t = words.use();
  const may = useMay('operator');
  const [draft, setDraft] = useState<Draft>(() => emptyDraft(topic));
  const [outcome, setOutcome] = useState<{ good: boolean; text: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const flaws = flawsOf(draft);
  const flaw = (name: keyof Draft) => flaws[name] && t(flaws[name]);
  const change = (part: Partial<Draft>) => {
    setDraft((old) => ({ ...old, ...part }));
    setOutcome(null);
  };
  const up = explorer.link.state === 'up';
  const ready = up && may && Object.keys(flaws).length === 0;
  const order = isOrder(draft.topic);
  // The broker's acknowledgement says nothing of the device; a reason goes along for who reads it.
  const giveOrder = async (reason: string): Promise<WriteOutcome> => {
    const out = outgoingOf(draft);
    const user: [string, string][] = [...(out.properties.user ?? []), ['reason', reason]];
    await explorer.link.publish({ ...out, properties: { ...out.properties, user } });
    return { kind: 'unconfirmed', why: t('orderSent') };
  };
  const publish = async () => {
    setBusy(true);
    try {
      await explorer.link.publish(outgoingOf(draft));
      setOutcome({ good: true, text: t(draft.qos ? 'publishedAck' : 'published0') });
    } catch (error) {
      setOutcome({ good: false, text: problemText(error) });
    } finally {
      setBusy(false);
    }
  };
  const copyLast = () => {
    const text = last && utf8(last.payload);
    if (last) change(text === null
      ? { format: 'hex', payload: hex(last.payload) }
      : { format: 'text', payload: text });
  };
  if (!may) return <Note>{t('needOperator')}</Note>;
  return (
    <>
      <form className={styles.form} onSubmit={(event) => {
        event.preventDefault();
        if (!ready || busy) return;
        if (order || (draft.retain && draft.payload === '')) setAsking(true);
        else void publish();
      }}>
        <TextInput className={styles.wide} size="xs" label={t('topic')} value={draft.topic} required
          error={flaw('topic')} spellCheck={false}
          onChange={(event) => change({ topic: event.currentTarget.value })} />
        <div className={`${styles.wide} ${styles.bar}`}>
          <SegmentedControl size="xs" value={draft.format} aria-label={t('format')}
            onChange={(value) => change({ format: value as PublishFormat })}
            data={(['json', 'text', 'hex'] as const).map((value) => (
              { value, label: t(`fmt_${value}`) }))} />
          <Button size="compact-xs" variant="subtle" disabled={!last} onClick={copyLast}>
            {t('takeLast')}</Button>
        </div>
        <Textarea className={styles.wide} size="xs" label={t('payload')} value={draft.payload}
          autosize minRows={3} maxRows={14} error={flaw('payload')} spellCheck={false}
          styles={{ input: { fontFamily: 'var(--hw-mono)' } }}
          onChange={(event) => change({ payload: event.currentTarget.value })} />
        <Select size="xs" label="QoS" value={String(draft.qos)} allowDeselect={false}
          onChange={(value) => change({ qos: Number(value) as Draft['qos'] })}
          data={['0', '1', '2']} />
        <Checkbox size="xs" label={t('retain')} checked={draft.retain} mb={6}
          onChange={(event) => change({ retain: event.currentTarget.checked })} />
        <span className={styles.half} />
        <Properties draft={draft} change={change} flaw={flaw} />
        <Group className={styles.wide} gap={10}>
          <Button type="submit" size="compact-sm" leftSection={<Send size={14} />} disabled={!ready}
            loading={busy}>{t('publish')}</Button>
          {!up && <span className={styles.dim}>{t('publishNeedsLink')}</span>}
          {outcome && <span role="status"><State kind={outcome.good ? 'ok' : 'alarm'}>
            {outcome.text}</State></span>}
        </Group>
      </form>
      {asking && !order && (
        <Ask title={t('emptyRetainTitle')} reason={false} verb={t('publish')}
          onClose={() => setAsking(false)} run={publish}>
          <div>{t('emptyRetainText')}</div>
          <code style={{ overflowWrap: 'anywhere' }}>{draft.topic}</code>
        </Ask>)}
      <ConfirmWrite opened={asking && order} onClose={() => setAsking(false)} what={draft.topic}
        oldText={(last && utf8(last.payload)?.slice(0, 400)) ?? '–'} run={giveOrder} danger
        newText={draft.payload.slice(0, 400)} />
    </>
  );
}

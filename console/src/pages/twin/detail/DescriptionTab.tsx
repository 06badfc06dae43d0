import { Button } from '@mantine/core';
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { getJson, sendJson } from '~/lib/api';
import { useMay } from '~/lib/session';
import { ProblemAlert, problemText } from '~/ui';
import { JsonText, SidesText } from '~/ui/code';
import { placeOfFlaw, type TextFlaw } from '~/ui/code/locate';
import {
  isConflict, modelUrl, readDescription, twinUrl, type Description, type Twin,
} from '../data';
import { checkDescription, plainSchema, type Doc } from '../schema';
import styles from '../twin.module.css';
import { words } from '../words';
import type { TabContext } from './TwinView';

type Theirs = Awaited<ReturnType<typeof readDescription>>;

// The description as JSON: checked against the model as it is typed, saved only over the revision
// that was read. Where somebody was faster both sides are shown.
export function DescriptionTab({ twin, shape, onChanged }: TabContext & {
  onChanged: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const may = useMay('engineer');
  const read = useQuery({
    queryKey: ['twin-description', twin.id], queryFn: () => readDescription(twin.id),
    staleTime: Infinity, gcTime: 0,
  });
  const [base, setBase] = useState<Theirs | null>(null);
  const [text, setText] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [theirs, setTheirs] = useState<Theirs | null>(null);
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(0);
  const take = (next: Theirs) => {
    setBase(next);
    setText(next.text);
    setError(null);
    setTheirs(null);
  };
  useEffect(() => {
    if (read.data) take(read.data);
  }, [read.data]);
  const docs = useDocs(shape?.slots.filter((one) => !plainSchema(one.schema))
    .map((one) => one.definedIn) ?? []);
  const flaws = useMemo((): TextFlaw[] => [
    ...(shape ? checkDescription(text, shape, docs) : []).map((one) => (
      { pointer: one.pointer, text: t(one.key, one.values) })),
    ...(error && !isConflict(error) ? [{ text: problemText(error) }] : []),
  ], [text, shape, docs, error, t]);
  const dirty = base !== null && text !== base.text;
  const save = async (etag: string) => {
    setBusy(true);
    try {
      const { id: _, ...body } = JSON.parse(text) as Description;
      const made = await sendJson<Twin>('PUT', twinUrl(twin.id), body,
        { headers: { 'If-Match': etag } });
      setSaved(made.revision);
      take(await readDescription(twin.id));
      await client.invalidateQueries({ queryKey: ['twin', twin.id] });
      await client.invalidateQueries({ queryKey: ['twin-versions', twin.id] });
      onChanged();
    } catch (failure) {
      setError(failure);
      if (isConflict(failure)) setTheirs(await readDescription(twin.id));
    } finally {
      setBusy(false);
    }
  };
  const behind = base !== null && base.etag !== `"${twin.revision}"` && !theirs && !busy;
  return (
    <div className={styles.fill}>
      <div className={styles.toolbar}>
        <span className={styles.hint}>{may ? t('descriptionHint') : t('readOnly')}</span>
        <span className={styles.spring} />
        {saved > 0 && !dirty && !behind
          && <span role="status">✓ {t('savedAs', { revision: saved })}</span>}
        {behind && (
          <span role="status">◆ {t('changedMeanwhile', { revision: twin.revision })}</span>)}
        {(dirty || behind) && <Button size="xs" variant="default"
          onClick={() => void readDescription(twin.id).then(take)}>{t('discard')}</Button>}
        {may && <Button size="xs" disabled={!dirty} loading={busy}
          onClick={() => base && void save(base.etag)}>{t('save')}</Button>}
      </div>
      <ProblemAlert error={read.error} />
      {error !== null && <ProblemAlert error={error} />}
      {theirs ? (
        <>
          <SidesText left={theirs.text} right={text} leftLabel={t('theirs')}
            rightLabel={t('mine')} />
          <div className={styles.toolbar}>
            <Button size="xs" variant="default" onClick={() => take(theirs)}>
              {t('takeTheirs')}</Button>
            <Button size="xs" variant="default" onClick={() => {
              setBase(theirs);
              setTheirs(null);
              setError(null);
            }}>{t('goOnEditing')}</Button>
            <Button size="xs" color="red" loading={busy} onClick={() => void save(theirs.etag)}>
              {t('saveMine')}</Button>
          </div>
        </>
      ) : base && (
        <JsonText text={text} onChange={setText} flaws={flaws} label={t('tab_description')}
          readOnly={!may} onSave={() => {
            if (dirty) void save(base.etag);
          }} />)}
      <FlawList text={text} flaws={flaws} />
    </div>
  );
}

// The same flaws in words, for those who do not see the marks.
export function FlawList({ text, flaws }: { text: string; flaws: TextFlaw[] }): ReactNode {
  if (!flaws.length) return null;
  return (
    <ul className={styles.flawList} aria-live="polite">
      {flaws.map((flaw, index) => {
        const line = text.slice(0, placeOfFlaw(text, flaw).from).split('\n').length;
        return (
          <li key={`${index} ${flaw.text}`}>
            <span style={{ color: flaw.soft ? 'var(--hw-warn)' : 'var(--hw-alarm)' }}>
              {flaw.soft ? '△' : '✕'}</span>
            <span className={styles.flawPlace}>{line}{flaw.pointer ? ` ${flaw.pointer}` : ''}</span>
            <span>{flaw.text}</span>
          </li>);
      })}
    </ul>
  );
}

// The documents of some models, for schemas that are not plain.
export function useDocs(ids: string[]): Map<string, Doc> {
  const unique = [...new Set(ids)].filter(Boolean).sort();
  const answers = useQueries({
    queries: unique.map((id) => ({
      queryKey: ['twin-model', id], queryFn: () => getJson<Doc>(modelUrl(id)), staleTime: 600_000,
    })),
  });
  const ready = answers.map((one) => (one.data ? 1 : 0)).join('');
  return useMemo(() => {
    const docs = new Map<string, Doc>();
    unique.forEach((id, index) => {
      const doc = answers[index]?.data;
      if (doc) docs.set(id, doc);
    });
    return docs;
    // The answers change only as they become ready.
    // eslint-disable-next-line
  }, [unique.join(' '), ready]);
}

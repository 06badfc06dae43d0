import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { send } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import { JsonText } from '~/ui/code';
import type { TextFlaw } from '~/ui/code/locate';
import { modelUrl } from '../data';
import { FlawList } from '../detail/DescriptionTab';
import styles from '../twin.module.css';
import { words } from '../words';
import { modelFlaws } from './problems';

const template = `{
  "@context": ["dtmi:dtdl:context;3", "dtmi:dtdl:extension:quantitativeTypes;1",
               "dtmi:headworks:twin;1"],
  "@id": "dtmi:example:Booster;1",
  "@type": "Interface",
  "displayName": "Booster pump",
  "extends": "dtmi:headworks:water:VariableSpeedPump;1",
  "contents": [
    {"@type": ["Telemetry", "Pressure"], "name": "suction_pressure", "schema": "double",
     "unit": "bar"},
    {"@type": "Property", "name": "ratedLift", "schema": "double", "unitSymbol": "m",
     "fixed": true}
  ]
}
`;

// A library's documents are indented as they stand in their list; here one stands alone.
export function outdent(text: string): string {
  const lines = text.split('\n');
  const depth = Math.min(...lines.slice(1).filter((one) => one.trim())
    .map((one) => one.length - one.trimStart().length));
  return Number.isFinite(depth) && depth > 0
    ? lines.map((one, index) => (index ? one.slice(depth) : one)).join('\n') : text;
}

const post = (method: string, path: string, text: string) =>
  send(path, { method, body: text, headers: { 'content-type': 'application/json' } });

// A DTDL document: checked by the server as it is typed, flaws at their lines, and put.
export function ModelEditor({ id, readOnly, onMade }: {
  id: string | null; readOnly: boolean; onMade?: (id: string) => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const read = useQuery({
    queryKey: ['twin-model-text', id],
    queryFn: () => send(modelUrl(id ?? '')).then((answer) => answer.text()).then(outdent),
    enabled: id !== null,
  });
  const [text, setText] = useState(id === null ? template : '');
  const [state, setState] = useState<'none' | 'good' | 'wrong' | 'put'>('none');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const round = useRef(0);
  useEffect(() => {
    if (read.data !== undefined) setText(read.data);
  }, [read.data]);
  const dirty = id === null || (read.data !== undefined && text !== read.data);
  useEffect(() => {
    if (!dirty || readOnly) return;
    const mine = ++round.current;
    const timer = window.setTimeout(() => {
      post('POST', '/api/v1/twin/models/validate', text).then(() => {
        if (mine !== round.current) return;
        setState('good');
        setError(null);
      }, (failure: unknown) => {
        if (mine !== round.current) return;
        setState('wrong');
        setError(failure);
      });
    }, 500);
    return () => window.clearTimeout(timer);
  }, [text, dirty, readOnly]);
  const put = async () => {
    setBusy(true);
    round.current += 1;
    try {
      const answer = await post('PUT', '/api/v1/twin/models', text);
      const made = (await answer.json()) as { items: { id: string }[] };
      setState('put');
      setError(null);
      await client.invalidateQueries({ predicate: ({ queryKey }) =>
        String(queryKey[0]).startsWith('twin-model') || queryKey[0] === 'twin-shape' });
      if (made.items[0]) onMade?.(made.items[0].id);
    } catch (failure) {
      setState('wrong');
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const flaws = useMemo((): TextFlaw[] => modelFlaws(error), [error]);
  return (
    <div className={styles.fill}>
      {!readOnly && (
        <div className={styles.toolbar}>
          <span className={styles.hint}>{t('modelHint')}</span>
          <span className={styles.spring} />
          <span role="status">
            {state === 'good' && dirty ? `✓ ${t('modelGood')}` : ''}
            {state === 'put' ? `✓ ${t('modelPut')}` : ''}
            {state === 'wrong' ? `✕ ${t('modelWrong', { count: flaws.length })}` : ''}
          </span>
          <Button size="xs" loading={busy} disabled={!dirty} onClick={() => void put()}>
            {t('putModel')}</Button>
        </div>)}
      <ProblemAlert error={read.error} />
      <JsonText text={text} onChange={setText} flaws={flaws} readOnly={readOnly}
        label={t('model_text')} onSave={() => {
          if (dirty) void put();
        }} />
      <FlawList text={text} flaws={flaws} />
    </div>
  );
}

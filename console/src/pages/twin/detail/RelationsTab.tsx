import { ActionIcon, Button, Group, Select, Stack, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { send } from '~/lib/api';
import { useMay } from '~/lib/session';
import { ProblemAlert, problemText } from '~/ui';
import { nameOf, shortModel, useRelationships, type Relationship } from '../data';
import { TwinPicker } from '../TwinPicker';
import styles from '../twin.module.css';
import { words } from '../words';
import { relate, relationUrl } from './remove';
import type { TabContext } from './TwinView';

const RelationGraph = lazy(() => import('./RelationGraph'));

// What the twin is related to, as lists and as a picture to walk through.
export function RelationsTab({ twin, shape, onSelect, onChanged }: TabContext & {
  onSelect: (id: string) => void; onChanged: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const may = useMay('engineer');
  const related = useRelationships(twin.id);
  const again = () => {
    void client.invalidateQueries({ queryKey: ['twin-relationships'] });
    void client.invalidateQueries({ queryKey: ['twin', twin.id] });
    onChanged();
  };
  const remove = (one: Relationship) => {
    send(relationUrl(one.source, one.name, one.target), { method: 'DELETE' }).then(() => {
      again();
      notifications.show({
        autoClose: 20_000, title: t('relationRemoved', { name: one.name }),
        message: (
          <button type="button" className={styles.linkish} onClick={() => {
            relate(one.source, one.name, one.target, one.properties).then(again, complain);
          }}>{t('undoRemove')}</button>),
      });
    }, complain);
  };
  const { out = [], into = [], more = false } = related.data ?? {};
  return (
    <div className={styles.scroll}>
      <ProblemAlert error={related.error} />
      {related.data && out.length + into.length > 0 && (
        <section className={styles.section}>
          <Suspense fallback={<div className={styles.graph} />}>
            <RelationGraph id={twin.id} name={nameOf(twin)} out={out} into={into}
              onSelect={onSelect} />
          </Suspense>
          <p className={styles.hint}>{t('graphHint')}</p>
        </section>)}
      <div className={styles.two}>
        <Side title={t('outgoing', { count: out.length })} rows={out} other="target"
          onSelect={onSelect} remove={may ? remove : undefined} />
        <Side title={t('incoming', { count: into.length })} rows={into} other="source"
          onSelect={onSelect} remove={may ? remove : undefined} />
      </div>
      {more && <p className={styles.hint}>{t('relationsMore')}</p>}
      {may && <AddRelation id={twin.id} names={shape?.relationships ?? []} onDone={again} />}
    </div>
  );
}

const complain = (error: unknown) =>
  notifications.show({ color: 'red', message: problemText(error) });

function Side({ title, rows, other, onSelect, remove }: {
  title: string; rows: Relationship[]; other: 'source' | 'target';
  onSelect: (id: string) => void; remove?: (one: Relationship) => void;
}): ReactNode {
  const t = words.use();
  return (
    <section className={styles.section}>
      <h3>{title}</h3>
      {rows.length === 0 ? <p className="hw-dim">{t('noRelations')}</p> : (
        <table className={styles.table}>
          <tbody>
            {rows.map((one) => (
              <tr key={`${one.name} ${one[other]}`}>
                <td className={styles.tight}>{one.name}</td>
                <td>
                  <button type="button" className={`${styles.linkish} hw-mono`}
                    onClick={() => onSelect(one[other])}>{one[other]}</button>
                  {one.properties && Object.keys(one.properties).length > 0 && (
                    <div className={styles.sub}>{JSON.stringify(one.properties)}</div>)}
                </td>
                {remove && (
                  <td className={styles.tight}>
                    <ActionIcon size="sm" variant="subtle" color="gray"
                      aria-label={t('removeRelation', { name: one.name, target: one[other] })}
                      onClick={() => remove(one)}><Trash2 size={14} /></ActionIcon>
                  </td>)}
              </tr>))}
          </tbody>
        </table>)}
    </section>
  );
}

function AddRelation({ id, names, onDone }: {
  id: string; names: { name: string; displayName?: string; target?: string }[];
  onDone: () => void;
}): ReactNode {
  const t = words.use();
  const [name, setName] = useState<string | null>(null);
  const [target, setTarget] = useState('');
  const [properties, setProperties] = useState('');
  const [error, setError] = useState<unknown>(null);
  const chosen = names.find((one) => one.name === name);
  const add = async () => {
    try {
      await relate(id, name ?? '', target,
        properties.trim() ? (JSON.parse(properties) as Record<string, unknown>) : undefined);
      setTarget('');
      setProperties('');
      setError(null);
      onDone();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <section className={styles.section}>
      <h3>{t('addRelation')}</h3>
      <form className={styles.card} onSubmit={(event) => {
        event.preventDefault();
        if (name && target) void add();
      }}>
        <Stack gap="sm">
          <div className={styles.formGrid}>
            <Select label={t('relationName')} required searchable value={name} onChange={setName}
              data={names.map((one) => ({
                value: one.name, label: `${one.name} → ${shortModel(one.target ?? '*')}`,
              }))} />
            <TwinPicker label={t('relationTarget')} required value={target} onChange={setTarget}
              model={chosen?.target} />
            <Textarea label={t('relationProperties')} autosize minRows={1} value={properties}
              placeholder={'{"medium": "rawWater"}'}
              onChange={(event) => setProperties(event.currentTarget.value)} />
          </div>
          <ProblemAlert error={error} />
          <Group>
            <Button type="submit" size="xs" disabled={!name || !target}>{t('add')}</Button>
          </Group>
        </Stack>
      </form>
    </section>
  );
}

import { Checkbox, Select } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { getJson, query } from '~/lib/api';
import { languageNow } from '~/lib/words';
import { ShownValue } from '~/ui';
import {
  modelUrl, nameOf, plain, trustOfTwin, twinUrl, type Shape, type Slot, type Twin,
} from '../data';
import { useDocs } from '../detail/DescriptionTab';
import { check, plainSchema, slotField } from '../schema';
import { SchemaField } from '../SchemaField';
import twinStyles from '../twin.module.css';
import { words as twinWords } from '../words';
import { twinsAtOnce, type Wanted } from './many';
import { ManyDesired } from './ManyDesired';
import { words } from './words';

// The properties that may be wished for, and how many of the twins have each: the most first. Two
// models' properties are one where path, schema and unit are the same.
export function sharedSlots(twins: Twin[], shapes: ReadonlyMap<string, Shape>):
  { slot: Slot; twins: Twin[] }[] {
  const found = new Map<string, { slot: Slot; twins: Twin[] }>();
  for (const twin of twins)
    for (const slot of shapes.get(twin.model)?.slots ?? []) {
      if (!slot.writable) continue;
      const key = [slot.path, slot.schema, slot.unit].join('\n');
      const known = found.get(key) ?? { slot, twins: [] };
      known.twins.push(twin);
      found.set(key, known);
    }
  return [...found.values()].sort((a, b) => b.twins.length - a.twins.length
    || a.slot.path.localeCompare(b.slot.path));
}

// One property of several twins, of one value.
export function ManyOfMany({ twins: all, onClose }: {
  twins: Twin[]; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const say = twinWords.use();
  const twins = useMemo(() => all.slice(0, twinsAtOnce), [all]);
  const shapes = useShapes(twins);
  const shared = useMemo(() => sharedSlots(twins, shapes), [twins, shapes]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [value, setValue] = useState<unknown>(undefined);
  const one = shared[Number(chosen ?? 0)];
  const docs = useDocs(one && !plainSchema(one.slot.schema) ? [one.slot.definedIn] : []);
  const field = one && slotField(one.slot, docs.get(one.slot.definedIn));
  const flaw = field && value !== undefined ? check(field, value)[0] : undefined;
  const now = useNow(one?.twins ?? []);
  const wanted = value === undefined || !one ? [] : one.twins.filter(({ id }) => !left.has(id))
    .map((twin): Wanted => ({
      twin: twin.id, name: nameOf(twin), path: one.slot.path,
      title: one.slot.displayName ?? one.slot.path, value, unit: one.slot.unit,
      before: now.get(twin.id)?.properties[one.slot.path]?.value,
    }));
  return (
    <ManyDesired title={t('ofMany', { count: twins.length })} wanted={wanted} onClose={onClose}
      flawed={flaw !== undefined}>
      {all.length > twins.length && (
        <div role="status">△ {t('onlyFirst', { count: twinsAtOnce, all: all.length })}</div>)}
      {shapes.size > 0 && shared.length === 0 && <div>{t('noneWritable')}</div>}
      {one && field && (
        <>
          <div className={twinStyles.formGrid}>
            <Select label={t('property')} value={chosen ?? '0'} allowDeselect={false} searchable
              data={shared.map(({ slot, twins: those }, index) => ({ value: String(index),
                label: `${slot.displayName ?? slot.path} (${those.length})` }))}
              onChange={(next) => {
                setChosen(next);
                setValue(undefined);
              }} />
            <SchemaField key={`${chosen} ${docs.size}`} field={field} value={value} required
              label={t('newValue')} description={one.slot.description} onChange={setValue}
              error={flaw ? say(flaw.key, flaw.values) : undefined} />
          </div>
          <div className={twinStyles.tableScroll} style={{ maxHeight: '40vh' }}>
            <table className={twinStyles.table} aria-label={t('twins')}>
              <thead><tr>
                <th scope="col" className={twinStyles.tight}>
                  <Checkbox size="xs" aria-label={t('all')} checked={left.size === 0}
                    indeterminate={left.size > 0 && left.size < one.twins.length}
                    onChange={() => setLeft(left.size ? new Set()
                      : new Set(one.twins.map(({ id }) => id)))} /></th>
                <th scope="col">{t('twin')}</th>
                <th scope="col" className={twinStyles.num}>{t('reported')}</th>
              </tr></thead>
              <tbody>
                {one.twins.map((twin) => {
                  const its = now.get(twin.id)?.properties[one.slot.path];
                  return (
                    <tr key={twin.id}>
                      <td><Checkbox size="xs" aria-label={nameOf(twin)} checked={!left.has(twin.id)}
                        onChange={() => setLeft((old) => {
                          const next = new Set(old);
                          if (!next.delete(twin.id)) next.add(twin.id);
                          return next;
                        })} /></td>
                      <td>{nameOf(twin)} <span className={twinStyles.sub}>{twin.id}</span></td>
                      <td className={twinStyles.num}>
                        <ShownValue value={plain(its?.value)} unit={its?.unit}
                          quality={its?.quality} trust={trustOfTwin(its, false)} /></td>
                    </tr>);
                })}
              </tbody>
            </table>
          </div>
        </>)}
    </ManyDesired>
  );
}

function useShapes(twins: Twin[]): ReadonlyMap<string, Shape> {
  const ids = [...new Set(twins.map((twin) => twin.model))];
  const answers = useQueries({ queries: ids.map((model) => ({
    queryKey: ['twin-shape', model, languageNow()], staleTime: 600_000,
    queryFn: () => getJson<Shape>(
      `${modelUrl(model)}${query({ resolved: true, language: languageNow() })}`),
  })) });
  const ready = answers.map((one) => (one.data ? 1 : 0)).join('');
  return useMemo(() => new Map(answers.flatMap(({ data }) => (data ? [[data.id, data]] : []))),
    // The answers change only as they become ready.
    // eslint-disable-next-line
    [ids.join(' '), ready]);
}

// The twins with their values, as long as the form is open.
function useNow(twins: Twin[]): ReadonlyMap<string, Twin> {
  const answers = useQueries({ queries: twins.map(({ id }) => ({
    queryKey: ['twin', id, ''], queryFn: () => getJson<Twin>(twinUrl(id)), staleTime: 5_000,
    refetchInterval: 10_000,
  })) });
  return new Map(answers.flatMap(({ data }) => (data ? [[data.id, data]] : [])));
}

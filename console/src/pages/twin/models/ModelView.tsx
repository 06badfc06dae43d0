import { Button, SegmentedControl } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { getJson, query, send } from '~/lib/api';
import { useMay } from '~/lib/session';
import { ProblemAlert } from '~/ui';
import {
  modelUrl, nameOf, shortModel, useModels, useShape, type Page, type Shape, type Twin,
} from '../data';
import { useUrl } from '../state';
import styles from '../twin.module.css';
import { words } from '../words';
import { ModelEditor } from './ModelEditor';

type View = 'contents' | 'text' | 'used';

// A model: what it has, its document, and where it is used.
export function ModelView({ id, onGone, onOpen }: {
  id: string; onGone: () => void; onOpen: (id: string) => void;
}): ReactNode {
  const t = words.use();
  const url = useUrl();
  const client = useQueryClient();
  const may = useMay('engineer');
  const shape = useShape(id);
  const view = (url.get('tab') ?? 'contents') as View;
  const [error, setError] = useState<unknown>(null);
  const [asked, setAsked] = useState(false);
  const remove = async () => {
    try {
      await send(modelUrl(id), { method: 'DELETE' });
      notifications.show({ message: t('modelRemoved', { id }) });
      await client.invalidateQueries({ queryKey: ['twin-models'] });
      onGone();
    } catch (failure) {
      setError(failure);
      setAsked(false);
    }
  };
  return (
    <>
      <div className={styles.header} style={{ paddingBottom: 10 }}>
        <div className={styles.headLine}>
          <h2>{shape.data?.displayName ?? shortModel(id)}</h2>
          <span className={styles.spring} />
          <SegmentedControl size="xs" value={view} aria-label={t('models')}
            onChange={(next) => url.set({ tab: next === 'contents' ? null : next })}
            data={(['contents', 'text', 'used'] as const).map((one) => (
              { value: one, label: t(`model_${one}`) }))} />
          {may && (asked
            ? <Button size="xs" color="red" onClick={() => void remove()}>
              {t('reallyDelete')}</Button>
            : <Button size="xs" variant="default" onClick={() => setAsked(true)}>
              {t('deleteModel')}</Button>)}
        </div>
        <div className={styles.crumbs}>
          <span className={styles.id}>{id}</span>
          {shape.data?.ancestors.filter((one) => one !== id).map((one) => (
            <button key={one} type="button" className={styles.linkish} title={one}
              onClick={() => onOpen(one)}>↑ {shortModel(one)}</button>))}
        </div>
        {shape.data?.description && <div className="hw-dim">{shape.data.description}</div>}
      </div>
      {(error ?? shape.error) !== null && (
        <div style={{ padding: '12px 16px 0' }}>
          <ProblemAlert error={error ?? shape.error} /></div>)}
      {view === 'contents' && shape.data && <Contents shape={shape.data} onOpen={onOpen} />}
      {view === 'text' && <ModelEditor id={id} readOnly={!may} />}
      {view === 'used' && <UsedBy id={id} onOpen={onOpen} />}
    </>
  );
}

export function NewModel({ onMade }: { onMade: (id: string) => void }): ReactNode {
  const t = words.use();
  return (
    <>
      <div className={styles.header} style={{ paddingBottom: 10 }}>
        <div className={styles.headLine}><h2>{t('newModel')}</h2></div>
        <div className="hw-dim">{t('newModelText')}</div>
      </div>
      <ModelEditor id={null} readOnly={false} onMade={onMade} />
    </>
  );
}

function Contents({ shape, onOpen }: { shape: Shape; onOpen: (id: string) => void }): ReactNode {
  const t = words.use();
  const from = (id: string) => (id === shape.id ? '' : (
    <button type="button" className={styles.linkish} onClick={() => onOpen(id)}>
      {shortModel(id)}</button>));
  return (
    <div className={styles.scroll}>
      <section className={styles.section}>
        <h3>{t('slots', { count: shape.slots.length })}</h3>
        <div className={styles.tableScroll}>
          <table className={styles.table}>
            <thead><tr>
              <th scope="col">{t('property')}</th><th scope="col">{t('kind')}</th>
              <th scope="col">{t('schema')}</th><th scope="col">{t('unit')}</th>
              <th scope="col">{t('limits')}</th><th scope="col">{t('inherited')}</th>
            </tr></thead>
            <tbody>
              {shape.slots.map((slot) => (
                <tr key={slot.path}>
                  <td>{slot.displayName ?? slot.path}{' '}
                    <span className={styles.sub}>{slot.path}</span>
                    {slot.description && <div className={styles.hint}>{slot.description}</div>}
                    {slot.expression && <div className={styles.sub}>= {slot.expression}</div>}
                  </td>
                  <td className={styles.tight}>{slot.expression ? t('origin_derived')
                    : slot.fixed ? t('origin_fixed')
                    : slot.writable ? t('writable') : t('origin_point')}</td>
                  <td className="hw-mono">{slot.schema}</td>
                  <td>{slot.unit}</td>
                  <td className={styles.tight}>{slot.minimum === undefined
                    && slot.maximum === undefined ? ''
                    : `${slot.minimum ?? ''} … ${slot.maximum ?? ''}`}</td>
                  <td>{from(slot.definedIn)}</td>
                </tr>))}
            </tbody>
          </table>
        </div>
      </section>
      <div className={styles.two}>
        <section className={styles.section}>
          <h3>{t('tab_relations')}</h3>
          <table className={styles.table}>
            <tbody>
              {shape.relationships.map((one) => (
                <tr key={one.name}>
                  <td title={one.description}>{one.name}</td>
                  <td>{one.target ? (
                    <button type="button" className={styles.linkish}
                      onClick={() => onOpen(one.target ?? '')}>→ {shortModel(one.target)}</button>)
                    : '→ *'}{one.maxMultiplicity ? ` (≤ ${one.maxMultiplicity})` : ''}</td>
                  <td className="hw-dim">{from(one.definedIn)}</td>
                </tr>))}
            </tbody>
          </table>
        </section>
        <section className={styles.section}>
          <h3>{t('commandsTitle')}</h3>
          {shape.commands.length === 0 ? <p className="hw-dim">{t('noCommands')}</p> : (
            <table className={styles.table}>
              <tbody>
                {shape.commands.map((one) => (
                  <tr key={one.name}>
                    <td>{one.name}<div className={styles.hint}>{one.description}</div></td>
                    <td className="hw-mono">
                      {one.request ? `${one.request.name}: ${one.request.schema}` : ''}</td>
                    <td>{from(one.definedIn)}</td>
                  </tr>))}
              </tbody>
            </table>)}
        </section>
      </div>
    </div>
  );
}

function UsedBy({ id, onOpen }: { id: string; onOpen: (id: string) => void }): ReactNode {
  const t = words.use();
  const models = useModels().data ?? [];
  const extending = models.filter((one) => one.extends?.includes(id));
  const twins = useQuery({
    queryKey: ['twins-of', id],
    queryFn: () => getJson<Page<Twin>>(
      `/api/v1/twins${query({ model: id, values: false, limit: 500 })}`),
  });
  return (
    <div className={styles.scroll}>
      <section className={styles.section}>
        <h3>{t('extendedBy', { count: extending.length })}</h3>
        <div className={styles.crumbs}>
          {extending.map((one) => (
            <button key={one.id} type="button" className={styles.linkish}
              onClick={() => onOpen(one.id)}>{shortModel(one.id)}</button>))}
        </div>
      </section>
      <section className={styles.section}>
        <h3>{t('twinsOf', { count: twins.data?.items.length ?? 0 })}
          {twins.data?.next ? ` (${t('sqlCut')})` : ''}</h3>
        <ProblemAlert error={twins.error} />
        {twins.data && twins.data.items.length > 0 && (
          <table className={styles.table}>
            <tbody>
              {twins.data.items.map((one) => (
                <tr key={one.id}>
                  <td><Link className={styles.pointLink}
                    to={`/twin?id=${encodeURIComponent(one.id)}`}>{one.id}</Link></td>
                  <td>{nameOf(one)}</td>
                  <td className="hw-dim">{one.model === id ? '' : shortModel(one.model)}</td>
                </tr>))}
            </tbody>
          </table>)}
      </section>
    </div>
  );
}

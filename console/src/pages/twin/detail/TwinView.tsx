import { ActionIcon, Button, CopyButton, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Copy, Gauge, MoreHorizontal } from 'lucide-react';
import { lazy, Suspense, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Link } from 'react-router';
import { useMay } from '~/lib/session';
import { formatDuration, formatTime, parseTime, useZone } from '~/lib/time';
import { ApiError } from '~/lib/api';
import { Empty, ProblemAlert, State } from '~/ui';
import {
  nameOf, twinUrl, useModelName, useShape, useTwin, type Twin, type TwinValue,
} from '../data';
import { useSceneList } from '../scene/data';
import { useUrl } from '../state';
import styles from '../twin.module.css';
import { useTwinStream } from '../useTwinStream';
import { words } from '../words';
import { DeleteTwin } from './DeleteTwin';
import { DescriptionTab } from './DescriptionTab';
import { OrdersTab } from './OrdersTab';
import { PastTab } from './PastTab';
import { RelationsTab } from './RelationsTab';
import { restoreTwin } from './remove';
import { summaryOf } from './summary';
import { ThingTab } from './ThingTab';
import { TouchingTab } from './TouchingTab';
import { ValuesTab } from './ValuesTab';

const allTabs = ['values', 'orders', 'relations', 'description', 'scene', 'past', 'subscriptions',
  'thing'] as const;
type Tab = (typeof allTabs)[number];

const FaceDrawer = lazy(() => import('./FaceDrawer'));
const SceneTab = lazy(() => import('../scene/SceneTab')
  .then((all) => ({ default: all.SceneTab })));

// What is a place may have a scene; what has one shows it in any case.
function useTabs(id: string, shape: TabContext['shape'], asked: string | null): readonly Tab[] {
  const scenes = useSceneList().data;
  const place = shape?.ancestors.some((one) => /:(Site|Works|PressureZone);/.test(one));
  const scene = place || asked === 'scene' || scenes?.some((one) => one.site === id);
  return scene ? allTabs : allTabs.filter((one) => one !== 'scene');
}

// One twin: what it is, and all that can be seen and done of it.
export function TwinView({ id, onSelect, onChanged, onRemoved }: {
  id: string; onSelect: (id: string) => void; onChanged: () => void; onRemoved: () => void;
}): ReactNode {
  const t = words.use();
  const url = useUrl();
  const twin = useTwin(id);
  const shape = useShape(twin.data?.model);
  const { values, down } = useTwinStream(twin.data);
  const [deleting, setDeleting] = useState(false);
  const named = url.get('tab') as Tab | null;
  const tabs = useTabs(id, shape.data, named);
  const tab: Tab = named && tabs.includes(named) ? named : url.get('at') ? 'past' : 'values';
  if (twin.isError && !twin.data)
    return twin.error instanceof ApiError && twin.error.status === 404
      ? <Empty title={t('noTwin', { id })} text={t('noTwinText')} />
      : <div className={styles.scroll}>
        <ProblemAlert error={twin.error} retry={() => void twin.refetch()} />
      </div>;
  if (!twin.data) return <div className={styles.scroll} aria-busy="true" />;
  const one = twin.data;
  // A place has no faceplate: it is what has parts that have one.
  const equipment = shape.data?.ancestors.some((model) => /:Asset;/.test(model));
  const faced = url.get('face') === '1';
  const context = { twin: one, shape: shape.data, values, down };
  return (
    <>
      {faced && <Suspense><FaceDrawer twin={one}
        onClose={() => url.set({ face: null })} /></Suspense>}
      <Header onFace={equipment ? () => url.set({ face: faced ? null : '1' }) : undefined}
        twin={one} values={values} down={down} tab={tab} tabs={tabs}
        onTab={(next) => url.set({
          tab: next === 'values' ? null : next, ...(next === 'past' ? {} : { at: null }),
          ...(next === 'scene' ? {} : { scene: null, node: null }),
        })} onDelete={() => setDeleting(true)} />
      {shape.isError && <div style={{ padding: 12 }}><ProblemAlert error={shape.error} /></div>}
      <div role="tabpanel" id="twin-panel" aria-label={t(`tab_${tab}`)} className={styles.main}>
        {tab === 'values' && <ValuesTab {...context} />}
        {tab === 'orders' && <OrdersTab {...context} />}
        {tab === 'relations'
          && <RelationsTab {...context} onSelect={onSelect} onChanged={onChanged} />}
        {tab === 'description' && <DescriptionTab {...context} onChanged={onChanged} />}
        {tab === 'scene' && <Suspense><SceneTab {...context} /></Suspense>}
        {tab === 'past' && <PastTab {...context} />}
        {tab === 'subscriptions' && <TouchingTab {...context} />}
        {tab === 'thing' && <ThingTab {...context} />}
      </div>
      {deleting && (
        <DeleteTwin twin={one} onClose={() => setDeleting(false)} onRemoved={(kept) => {
          setDeleting(false);
          onRemoved();
          notifications.show({
            autoClose: 30_000, title: t('removed', { id }),
            message: (
              <button type="button" className={styles.linkish} onClick={() => {
                restoreTwin(kept).then(() => {
                  onSelect(id);
                  onChanged();
                }, (error: Error) => notifications.show({ color: 'red', message: error.message }));
              }}>{t('undoRemove')}</button>),
          });
        }} />)}
    </>
  );
}

export interface TabContext {
  twin: Twin;
  shape: ReturnType<typeof useShape>['data'];
  values: Record<string, TwinValue>;
  down: boolean;
}

function Header({ onFace, twin, values, down, tab, tabs, onTab, onDelete }: {
  onFace: (() => void) | undefined; twin: Twin; values: Record<string, TwinValue>;
  down: boolean; tab: Tab; tabs: readonly Tab[];
  onTab: (tab: Tab) => void; onDelete: () => void;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const nameOfModel = useModelName();
  const engineer = useMay('engineer');
  const summary = summaryOf(values, down);
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length] as Tab;
    onTab(next);
    document.getElementById(`twin-tab-${next}`)?.focus();
  };
  const file = `${twin.id.replace(/\//g, '_')}.json`;
  return (
    <div className={styles.header}>
      <div className={styles.headLine}>
        <h2 title={nameOf(twin)}>{nameOf(twin)}</h2>
        <State kind={summary.kind}>{t(summary.key, { count: summary.count })}</State>
        <span className={styles.spring} />
        {onFace && (
          <Button size="xs" variant="default" leftSection={<Gauge size={14} />}
            onClick={onFace}>{t('toFaceplate')}</Button>)}
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="default" aria-label={t('twinMenu')}>
              <MoreHorizontal size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component="a" href={twinUrl(twin.id)} download={file}>
              {t('exportJson')}
            </Menu.Item>
            <Menu.Item component="a" href={twinUrl(twin.id, '/description')} download={file}>
              {t('exportDescription')}
            </Menu.Item>
            <Menu.Item component="a" href={`${twinUrl(twin.id)}?form=dtdl`} download={file}>
              {t('exportDtdl')}
            </Menu.Item>
            {engineer && (
              <Menu.Item color="var(--hw-alarm)" onClick={onDelete}>
                {t('deleteTwin')}</Menu.Item>)}
          </Menu.Dropdown>
        </Menu>
      </div>
      <div className={styles.crumbs}>
        <span className={styles.id}>{twin.id}</span>
        <CopyButton value={twin.id}>
          {({ copied, copy }) => (
            <ActionIcon size="xs" variant="subtle" aria-label={t('copyId')} onClick={copy}
              title={copied ? t('copied') : t('copyId')} style={{ marginLeft: -10 }}>
              <Copy size={12} />
            </ActionIcon>)}
        </CopyButton>
        <Link className={styles.pointLink}
          to={`/twin/models?model=${encodeURIComponent(twin.model)}`} title={twin.model}>
          {nameOfModel(twin.model)}
        </Link>
        <span>{t('revision', { revision: twin.revision })}</span>
        <span>{t('changed', {
          who: twin.updated_by || t('nobody'),
          when: formatTime(parseTime(twin.updated_at), 'full', zone),
          ago: formatDuration(Math.max(0, Date.now() - parseTime(twin.updated_at))),
        })}</span>
      </div>
      <div className={styles.tabs} role="tablist" aria-label={twin.id} onKeyDown={onKey}>
        {tabs.map((one) => (
          <button key={one} type="button" role="tab" id={`twin-tab-${one}`}
            aria-selected={one === tab} aria-controls="twin-panel" tabIndex={one === tab ? 0 : -1}
            onClick={() => onTab(one)}>{t(`tab_${one}`)}</button>))}
      </div>
    </div>
  );
}

import { Button, Menu, NativeSelect, SegmentedControl, Select } from '@mantine/core';
import { Eye, GitCompareArrows, Layers, Ruler } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { Loading } from '~/app/Loading';
import { resolveTime } from '~/lib/time';
import { useUnits } from '~/lib/units';
import { Empty, PageFrame, ProblemAlert } from '~/ui';
import type { SceneViewProps } from './contract';
import { EquipmentTable } from './EquipmentTable';
import { Faceplate } from './Faceplate';
import { isEquipment } from './model/scene';
import { troubleIn } from './model/trouble';
import styles from './plant.module.css';
import { ReplayBar } from './ReplayBar';
import Drawing from './schematic/Drawing';
import { hasWebGl } from './three/support';
import { useOpenOrders, useReplay, useScenes, useSite, type Site } from './useScene';
import { WhatIf } from './whatif/WhatIf';
import { words } from './words';

const PlantScene = lazy(() => import('./three'));

type Mode = '3d' | '2d' | 'table';

// The page's state lives in its address: site, mode, node, view, layers, at.
function useAddress() {
  const [search, setSearch] = useSearchParams();
  const set = useCallback((change: Record<string, string | null>) => setSearch((old) => {
    const next = new URLSearchParams(old);
    for (const [name, value] of Object.entries(change))
      if (value === null) next.delete(name);
      else next.set(name, value);
    return next;
  }, { replace: true }), [setSearch]);
  return { search, set };
}

export default function Plant(): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const { search, set } = useAddress();
  const scenes = useScenes();
  const name = search.get('site') ?? scenes.data?.[0]?.site;
  const { site, error, retry } = useSite(name);
  if (scenes.data?.length === 0)
    return (
      <PageFrame title={t('title')}>
        <Empty title={t('noScene')} text={t('noSceneText')}
          action={{ label: 'Twin', run: () => void go('/twin') }}
          command={'headworks twin scene put bluewater/plant1 examples/waterworks/scene.json'} />
      </PageFrame>
    );
  if (scenes.error || error)
    return (
      <PageFrame title={t('title')}>
        <ProblemAlert error={scenes.error ?? error} retry={() => void (scenes.error
          ? scenes.refetch() : retry())} />
      </PageFrame>
    );
  if (!site) return <Loading />;
  return <Place key={name} site={site} name={name ?? ''} search={search} set={set}
    sites={(scenes.data ?? []).map((one) => ({ value: one.site, label: one.name || one.site }))} />;
}

function Place({ site, name, sites, search, set }: {
  site: Site; name: string; sites: { value: string; label: string }[];
  search: URLSearchParams; set: (change: Record<string, string | null>) => void;
}): ReactNode {
  const t = words.use();
  const units = useUnits();
  const { model } = site;
  const webGl = hasWebGl();
  const mode = (search.get('mode') ?? (webGl ? '3d' : '2d')) as Mode;
  const selected = search.get('node');
  const whatIf = search.get('whatif');
  const [measure, setMeasure] = useState(false);
  const [fly, setFly] = useState<string | null>(null);
  const at = search.get('at') ? resolveTime(search.get('at') ?? '', Date.now()) : null;
  const { replay, busy, error } = useReplay(site, at);
  const source = replay ?? site.live;
  const hidden = useMemo(() => {
    const named = search.get('layers')?.split(',').filter(Boolean);
    return new Set(named ?? model.layers.filter((one) => one.visible === false)
      .map((one) => one.id));
  }, [search, model]);
  // Orders are of now; a replay shows the plant as it was.
  const orders = useOpenOrders(name);
  const trouble = useMemo(
    () => troubleIn(model, source, units, at === null ? orders : []),
    [model, source, units, at, orders],
  );
  const onSelect = useCallback((id: string | null) => set({ node: id }), [set]);
  // Somebody keeps the stream while faceplate, table and drawing change hands.
  useEffect(() => site.live.subscribe(() => undefined), [site]);
  // A moment that was given as "now-2h" becomes one that stays.
  useEffect(() => {
    if (at !== null && search.get('at')?.startsWith('now'))
      set({ at: new Date(at).toISOString() });
  }, [at, search, set]);
  const item = selected ? model.byId.get(selected) : undefined;
  const title = model.scene.name ?? name;
  const props: SceneViewProps = {
    scene: model.scene, source, trouble, selected, onSelect, hiddenLayers: hidden,
    view: search.get('view'), flyTo: fly, measure,
    label: t(mode === '3d' ? 'scene3d' : 'scene2d', { name: title }),
  };
  const onMove = useCallback((time: number) => set({ at: new Date(time).toISOString() }), [set]);
  const tools = (
    <Tools whatIf={whatIf !== null} model={model} mode={mode} webGl={webGl} hidden={hidden}
      measure={measure} onMeasure={setMeasure} view={search.get('view')} set={set} onFind={(id) => {
        set({ node: id });
        setFly(id);
      }} />
  );
  return (
    <PageFrame plain actions={tools} title={sites.length > 1
      ? <NativeSelect aria-label={t('site')} size="xs" data={sites} value={name}
        onChange={(event) => set({ site: event.currentTarget.value, node: null, view: null })} />
      : title}>
      <div className={styles.page}>
        <div className={styles.main}>
          {whatIf ? <WhatIf site={site} id={whatIf} spatial={mode === '3d' && webGl}
            shared={props} set={set} /> : <div className={styles.stage}>
            <Suspense fallback={<Loading />}>
              {mode === '3d' && webGl && <PlantScene {...props} />}
              {(mode === '2d' || (mode === '3d' && !webGl))
                && <Drawing {...props} model={model} />}
              {mode === 'table' && <EquipmentTable model={model} source={source} find=""
                trouble={trouble} selected={selected} onSelect={onSelect} />}
            </Suspense>
            {mode === '3d' && !webGl && <span className={styles.hint}>{t('noWebGl')}</span>}
          </div>}
          {item && !whatIf && <Faceplate key={item.id} twin={item.twin} name={item.name}
            trouble={trouble(item.node)} at={at}
            onClose={() => onSelect(null)} />}
        </div>
        {!whatIf && <ReplayBar at={at} replay={replay} busy={busy} error={error} onMove={onMove}
          onDay={onMove} onEnd={() => set({ at: null })} />}
      </div>
    </PageFrame>
  );
}

function Tools({ model, mode, webGl, hidden, measure, onMeasure, view, set, onFind,
  whatIf }: {
  model: Site['model']; mode: Mode; webGl: boolean; hidden: ReadonlySet<string>;
  measure: boolean; onMeasure: (on: boolean) => void; view: string | null;
  set: (change: Record<string, string | null>) => void; onFind: (id: string) => void;
  whatIf: boolean;
}): ReactNode {
  const t = words.use();
  const found = useMemo(() => model.items.filter(isEquipment)
    .map((item) => ({ value: item.id, label: item.name })), [model]);
  const toggle = (id: string) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    set({ layers: [...next].join(',') || ',' });
  };
  return (
    <div className={styles.tools}>
      <Select size="xs" w={180} searchable clearable placeholder={t('find')} aria-label={t('find')}
        data={found} value={null} onChange={(id) => id && onFind(id)} />
      {mode === '3d' && webGl && (
        <Menu>
          <Menu.Target>
            <Button size="xs" variant="default" leftSection={<Eye size={14} />}>
              {t('views')}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {model.views.map((one) => (
              <Menu.Item key={one.id} onClick={() => set({ view: one.id })}
                aria-current={view === one.id || undefined}>{one.name ?? one.id}</Menu.Item>))}
          </Menu.Dropdown>
        </Menu>)}
      {mode !== 'table' && model.layers.length > 0 && (
        <Menu closeOnItemClick={false}>
          <Menu.Target>
            <Button size="xs" variant="default" leftSection={<Layers size={14} />}>
              {t('layers')}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {model.layers.map((one) => (
              <Menu.CheckboxItem key={one.id} checked={!hidden.has(one.id)}
                onChange={() => toggle(one.id)}>{one.name ?? one.id}</Menu.CheckboxItem>))}
          </Menu.Dropdown>
        </Menu>)}
      {mode === '3d' && webGl && (
        <Button size="xs" variant={measure ? 'filled' : 'default'} aria-pressed={measure}
          title={t('measureHelp')} leftSection={<Ruler size={14} />}
          onClick={() => onMeasure(!measure)}>{t('measure')}</Button>)}
      <Button size="xs" variant={whatIf ? 'filled' : 'default'} aria-pressed={whatIf}
        title={t('whatIfHelp')} leftSection={<GitCompareArrows size={14} />}
        onClick={() => set({ whatif: whatIf ? null : '1', at: null })}>{t('whatIf')}</Button>
      <SegmentedControl size="xs" value={mode} aria-label={t('mode')}
        data={[{ value: '3d', label: t('mode3d'), disabled: !webGl },
          { value: '2d', label: t('mode2d') }, { value: 'table', label: t('modeTable') }]}
        onChange={(value) => set({ mode: value })} />
    </div>
  );
}

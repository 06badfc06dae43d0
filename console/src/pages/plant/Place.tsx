import { NativeSelect } from '@mantine/core';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type ReactNode,
} from 'react';
import { Loading } from '~/app/Loading';
import { useUnits } from '~/lib/units';
import { PageFrame } from '~/ui';
import { usePlayback, type Address } from './address';
import type { SceneViewProps } from './contract';
import { EquipmentTable } from './EquipmentTable';
import { Faceplate, limitsOf, type FaceplateProps } from './faceplate';
import { Legend } from './Legend';
import { troubleIn } from './model/trouble';
import styles from './plant.module.css';
import { useMoment } from './replay/usePlayer';
import { useReplay } from './replay/useReplay';
import { ReplayBar } from './ReplayBar';
import Drawing from './schematic/Drawing';
import type { Replay } from './sources/replay';
import { hasWebGl, isSoftware } from './three/support';
import { Tools, type Mode } from './Tools';
import { useOpenOrders, type Site } from './useScene';
import { WhatIf } from './whatif/WhatIf';
import { words } from './words';

const PlantScene = lazy(() => import('./three'));

// One site: its scene, live or of the past, with what is chosen in it.
export function Place({ site, name, sites, address }: {
  site: Site; name: string; sites: { value: string; label: string }[]; address: Address;
}): ReactNode {
  const t = words.use();
  const units = useUnits();
  const { search, set } = address;
  const { model } = site;
  const webGl = hasWebGl();
  const mode = (search.get('mode') ?? (webGl ? '3d' : '2d')) as Mode;
  const selected = search.get('node');
  const whatIf = search.get('whatif');
  const [measure, setMeasure] = useState(false);
  const [flyTo, setFly] = useState<{ id: string } | null>(() => selected ? { id: selected } : null);
  const [playback, setPlayback] = usePlayback(search, set);
  const { at } = playback;
  const { replay, busy, finer, error } =
    useReplay(site, at, playback.playing ? playback.speed : null);
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
    [model, source, units, at === null, orders],
  );
  const onSelect = useCallback((id: string | null) => set({ node: id }), [set]);
  const goTo = useCallback((id: string) => {
    set({ node: id });
    setFly({ id });
  }, [set]);
  // Somebody keeps the stream while faceplate, table and drawing change hands.
  useEffect(() => site.live.subscribe(() => undefined), [site]);
  useAsGiven(address, site, at, setFly);
  const item = selected ? model.byId.get(selected) : undefined;
  const twin = item?.twin ?? item?.bindings[0]?.twin;
  const limits = useMemo(() => limitsOf(model, twin), [model, twin]);
  const close = useReturningFocus(item !== undefined, () => onSelect(null));
  const title = model.scene.name ?? name;
  // Beside a table, three dimensions are worth it where a graphics card draws them.
  const beside = search.get('beside') ?? (webGl && !isSoftware() ? '3d' : '2d');
  const shown = mode === 'table' ? beside : mode;
  const spatial = shown === '3d' && webGl;
  const props: SceneViewProps = {
    scene: model.scene, source, trouble, selected, onSelect, hiddenLayers: hidden,
    view: search.get('view'), flyTo, measure: measure && mode === '3d',
    label: t(spatial ? 'scene3d' : 'scene2d', { name: title }),
  };
  const alone = search.get('alone') === '1';
  return (
    <PageFrame plain title={sites.length > 1
      ? <NativeSelect aria-label={t('site')} size="xs" data={sites} value={name}
        onChange={(event) => address.open(event.currentTarget.value)} />
      : title} actions={
      <Tools site={site} mode={mode} webGl={webGl} hidden={hidden} measure={measure}
        onMeasure={setMeasure} view={search.get('view')} set={set} onFind={goTo}
        whatIf={whatIf !== null} alone={alone} />}>
      <div className={styles.page}>
        <div className={styles.main}>
          {whatIf ? <WhatIf site={site} id={whatIf} spatial={spatial} shared={props} search={search}
            set={set} />
            : <div className={styles.stack} data-table={mode === 'table'}>
              {!(mode === 'table' && alone) && (
                <div className={styles.stage}>
                  <Suspense fallback={<Loading />}>
                    {spatial ? <PlantScene {...props} /> : <Drawing {...props} model={model} />}
                  </Suspense>
                  <Legend site={site} spatial={spatial} set={set}
                    open={search.get('legend') === '1'} />
                  {mode === '3d' && !webGl && <span className={styles.hint}>{t('noWebGl')}</span>}
                </div>)}
              {mode === 'table' && <EquipmentTable model={model} source={source}
                trouble={trouble} selected={selected} onSelect={goTo} />}
            </div>}
          {item && !whatIf && (
            <Here key={item.id} replay={at === null ? null : replay} name={item.name} twin={twin}
              limits={limits} trouble={trouble(item.node)} at={at} onClose={close}
              onShow={mode === 'table' && alone ? undefined : () => setFly({ id: item.id })} />)}
        </div>
        {!whatIf && <ReplayBar site={site} playback={playback} replay={replay} busy={busy}
          finer={finer} error={error} onChange={setPlayback} onSelect={onSelect} />}
      </div>
    </PageFrame>
  );
}

// The faceplate at the moment that the replay shows, which moves more often than the page is made.
function Here({ replay, ...props }: FaceplateProps & { replay: Replay | null }): ReactNode {
  const moment = useMoment(replay);
  return <Faceplate {...props} at={Number.isFinite(moment) ? moment : props.at} />;
}

// A moment that was given as "now-2h" becomes one that stays; a twin that was named is chosen.
function useAsGiven(address: Address, site: Site, at: number | null,
  fly: (to: { id: string }) => void): void {
  const { search, set, twin } = address;
  useEffect(() => {
    if (at !== null && search.get('at')?.startsWith('now'))
      set({ at: new Date(at).toISOString() });
  }, [at, search, set]);
  useEffect(() => {
    if (!twin || twin === site.model.scene.site || search.get('node')) return;
    const item = site.model.items.find((one) => one.twin === twin && one.bindings.length > 0)
      ?? site.model.items.find((one) => one.twin?.startsWith(`${twin}/`));
    if (!item) return;
    set({ node: item.id });
    fly({ id: item.id });
    // Once for each twin that the address names.
  }, [twin, site]);
}

// Escape closes the faceplate, and where the keyboard was before it goes again.
function useReturningFocus(opened: boolean, onClose: () => void): () => void {
  const before = useRef<Element | null>(null);
  const latest = useRef(onClose);
  useEffect(() => {
    latest.current = onClose;
  });
  useEffect(() => {
    if (opened) before.current = document.activeElement;
  }, [opened]);
  const close = useCallback(() => {
    latest.current();
    const to = before.current;
    if (to instanceof HTMLElement || to instanceof SVGElement) to.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    if (!opened) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      // A dialog or a list that is open closes first.
      if (document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]')) return;
      close();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [opened, close]);
  return close;
}

import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { getJson, type Schemas } from '~/lib/api';
import { languageNow } from '~/lib/words';
import { sceneOf } from '~/pages/plant/address';
import { Faceplate, limitsOf } from '~/pages/plant/faceplate';
import { localScene } from '~/pages/plant/model/local';
import { readScene } from '~/pages/plant/model/scene';
import { nameOf, type Twin } from '../data';
import { sceneUrl, useSceneList } from '../scene/data';
import styles from '../twin.module.css';

// The faceplate as the Plant page has it, over the right edge; limits are those of the scene that
// shows the twin. Esc closes it.
export default function FaceDrawer({ twin, onClose }: {
  twin: Twin; onClose: () => void;
}): ReactNode {
  const go = useNavigate();
  const place = useRef<HTMLDivElement>(null);
  const sites = useSceneList().data;
  const site = sites && sceneOf(sites.map((one) => one.site), twin.id);
  const shown = site !== undefined && site !== null && sites?.length ? site : null;
  const model = useQuery({
    queryKey: ['scene-model', shown, languageNow()], enabled: shown !== null,
    queryFn: async ({ signal }) => readScene(localScene(
      await getJson<Schemas['Scene']>(sceneUrl(shown ?? ''), { signal }))),
    staleTime: 300_000,
  }).data;
  const limits = useMemo(() => (model ? limitsOf(model, twin.id) : undefined), [model, twin.id]);
  const stands = model?.twins.includes(twin.id);
  const latest = useRef(onClose);
  useEffect(() => {
    latest.current = onClose;
  });
  useEffect(() => {
    const before = document.activeElement;
    place.current?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      // A dialog that is open closes first.
      if (document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]')) return;
      latest.current();
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <div className={styles.drawer} ref={place}>
      <Faceplate twin={twin.id} name={nameOf(twin)} limits={limits} onClose={onClose}
        onShow={stands ? () => void go(
          `/plant/${twin.id.split('/').map(encodeURIComponent).join('/')}`) : undefined} />
    </div>
  );
}

import { lazy, Suspense, type ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { useMay } from '~/lib/session';
import { PageFrame } from '~/ui';
import { Connectors } from './parts/Connectors';
import { Functions } from './parts/Functions';
import { Schemas } from './parts/Schemas';
import { Streams } from './parts/Streams';
import { RuleList } from './RuleList';
import styles from './rules.module.css';
import { words } from './words';

const OpenRule = lazy(() => import('./editor/OpenRule'));

const places = ['rules', 'streams', 'schemas', 'functions', 'connectors'] as const;
type PlaceId = (typeof places)[number];

// Rules and what they are made of; `rule` or `new` in the address opens the editor.
export default function Page(): ReactNode {
  const t = words.use();
  const [search, setSearch] = useSearchParams();
  const mayEdit = useMay('engineer');
  const rule = search.get('rule');
  if (rule !== null || search.get('new') !== null)
    return (
      <Suspense>
        <OpenRule key={rule ?? 'new'} id={rule} point={search.get('point')}
          template={search.get('template')} copyOf={search.get('copy')} mayEdit={mayEdit} />
      </Suspense>);
  const asked = search.get('list') as PlaceId | null;
  const place: PlaceId = asked && places.includes(asked) ? asked : 'rules';
  return (
    <PageFrame plain title={t('title')} actions={
      <nav className={styles.nav} aria-label={t('title')}>
        {places.map((one) => (
          <button key={one} type="button" aria-current={one === place ? 'page' : undefined}
            onClick={() => setSearch(one === 'rules' ? {} : { list: one })}>{t(one)}</button>))}
      </nav>
    }>
      {place === 'rules' && <RuleList mayEdit={mayEdit} />}
      {place === 'streams' && <Streams mayEdit={mayEdit} />}
      {place === 'schemas' && <Schemas mayEdit={mayEdit} />}
      {place === 'functions' && <Functions />}
      {place === 'connectors' && <Connectors mayEdit={mayEdit} />}
    </PageFrame>
  );
}

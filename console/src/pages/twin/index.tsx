import { Button } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { NavLink, Route, Routes, useNavigate, useSearchParams } from 'react-router';
import { useMay } from '~/lib/session';
import { PageFrame } from '~/ui';
import { CreateTwin } from './make/CreateTwin';
import { Many } from './make/Many';
import { Models } from './models/Models';
import { Scenarios } from './scenarios/Scenarios';
import { Subscriptions } from './subscriptions/Subscriptions';
import styles from './twin.module.css';
import { Twins } from './Twins';
import { words } from './words';

// The twins: what there is and how it is, their models, what would be, and who follows them.
export default function Page(): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const may = useMay('engineer');
  // `new` opens the form, below that path: the wizard for devices leads here.
  const [params] = useSearchParams();
  const [making, setMaking] = useState(params.has('new'));
  const [made, setMade] = useState(0);
  const places = [
    ['/twin', t('twins')], ['/twin/models', t('models')], ['/twin/scenarios', t('scenarios')],
    ['/twin/subscriptions', t('subscriptions')], ['/twin/many', t('many')],
  ] as const;
  return (
    <PageFrame plain title={t('title')} actions={
      <>
        <nav className={styles.nav} aria-label={t('title')}>
          {places.map(([to, label]) => (
            <NavLink key={to} to={to} end={to === '/twin'}>{label}</NavLink>))}
        </nav>
        {may && (
          <Button size="xs" leftSection={<Plus size={14} />} onClick={() => setMaking(true)}>
            {t('newTwin')}
          </Button>)}
      </>
    }>
      <Routes>
        <Route index element={<Twins made={made} onCreate={() => setMaking(true)} />} />
        <Route path="models" element={<Models />} />
        <Route path="scenarios" element={<Scenarios />} />
        <Route path="subscriptions" element={<Subscriptions />} />
        <Route path="many" element={<Many />} />
      </Routes>
      {making && (
        <CreateTwin begin={params.get('new') ?? ''} onClose={() => setMaking(false)}
          onMade={(id) => {
            setMaking(false);
            setMade((old) => old + 1);
            void go(`/twin?id=${encodeURIComponent(id)}`);
          }} />)}
    </PageFrame>
  );
}

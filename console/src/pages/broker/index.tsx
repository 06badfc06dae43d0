import { Tabs } from '@mantine/core';
import { lazy, Suspense, type ReactNode } from 'react';
import { PageFrame } from '~/ui';
import { Bans } from './Bans';
import styles from './broker.module.css';
import { ClientDrawer, Clients } from './Clients';
import { Overview } from './Overview';
import { RetainedTab } from './RetainedTab';
import { Slow } from './Slow';
import { Subscriptions } from './Subscriptions';
import { Traces } from './Traces';
import { useParams } from './useParams';
import { words } from './words';

const Explorer = lazy(() =>
  import('./topics/Explorer').then((part) => ({ default: part.Explorer })));

const tabs = {
  overview: Overview, clients: Clients, subscriptions: Subscriptions, topics: Explorer,
  retained: RetainedTab, bans: Bans, slow: Slow, traces: Traces,
} as const;
type TabName = keyof typeof tabs;
const isTab = (text: string): text is TabName => Object.hasOwn(tabs, text);

// What one tab alone has in the address.
const own = ['q', 'cursor', 'connected', 'shared', 'filter', 'topic', 'part', 'fmt', 'trace',
  'sub', 'new', 'of'];

export default function BrokerPage(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const asked = get('tab');
  const tab: TabName = isTab(asked) ? asked : 'overview';
  const Part = tabs[tab];
  const go = (value: string | null) => set({
    ...Object.fromEntries(own.map((name) => [name, null])),
    tab: value === 'overview' ? null : value,
  }, true);
  return (
    <PageFrame title={t('title')}>
      <div className={styles.page}>
        <Tabs value={tab} onChange={go} keepMounted={false}>
          <Tabs.List>
            {(Object.keys(tabs) as TabName[]).map((name) => (
              <Tabs.Tab key={name} value={name}>{t(`tab_${name}`)}</Tabs.Tab>))}
          </Tabs.List>
        </Tabs>
        <div className={styles.fill}>
          <Suspense fallback={null}><Part /></Suspense>
        </div>
      </div>
      <ClientDrawer />
    </PageFrame>
  );
}

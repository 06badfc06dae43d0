import { Tabs } from '@mantine/core';
import { lazy, Suspense, type ComponentType, type ReactNode } from 'react';
import styles from '~/pages/gateway/gateway.module.css';
import { useParams } from '~/pages/gateway/useParam';
import { PageFrame } from '~/ui';
import { About } from './About';
import { Account } from './Account';
import { Audit } from './Audit';
import { Health } from './Health';
import { Keys } from './Keys';
import { Log } from './Log';
import { SettingsTable } from './SettingsTable';
import { Storage } from './Storage';
import { Users } from './Users';
import { words } from './words';

const Reference = lazy(() => import('./reference/Reference'));

const tabs = {
  health: Health, users: Users, keys: Keys, account: Account, settings: SettingsTable,
  storage: Storage, audit: Audit, log: Log, api: Reference, about: About,
} satisfies Record<string, ComponentType>;
type TabName = keyof typeof tabs;
const names = Object.keys(tabs) as TabName[];

export default function SystemPage(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const tab = names.find((name) => name === get('tab')) ?? 'health';
  const Part = tabs[tab];
  const others = Object.fromEntries(['q', 'actor', 'action', 'path', 'span', 'since', 'until',
    'result', 'level', 'only', 'op']
    .map((name) => [name, null]));
  return (
    <PageFrame title={t('title')}>
      <div className={styles.page}>
        <Tabs value={tab} className={styles.tabs} keepMounted={false}
          onChange={(value) => set({ ...others, tab: value === 'health' ? null : value }, true)}>
          <Tabs.List>
            {names.map((name) => (
              <Tabs.Tab key={name} value={name}>{t(`tab_${name}`)}</Tabs.Tab>))}
          </Tabs.List>
        </Tabs>
        <div className={styles.fill}><Suspense><Part /></Suspense></div>
      </div>
    </PageFrame>
  );
}

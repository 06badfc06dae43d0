import { Button, Tabs } from '@mantine/core';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMay } from '~/lib/session';
import { PageFrame } from '~/ui';
import { DeviceList } from './DeviceList';
import { DeviceView } from './DeviceView';
import { Drivers } from './Drivers';
import styles from './gateway.module.css';
import { North } from './North';
import { PointTree } from './PointTree';
import { Templates } from './Templates';
import { useParams } from './useParam';
import { WaysIn } from './WaysIn';
import { Wizard } from './Wizard';
import { words } from './words';

const tabs = {
  devices: DeviceList, points: PointTree, templates: Templates, drivers: Drivers, ways: WaysIn,
  north: North,
} as const;
type TabName = keyof typeof tabs;
const isTab = (text: string): text is TabName => text in tabs;

export default function GatewayPage(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const mayChange = useMay('engineer');
  const device = get('device');
  const tab: TabName = isTab(get('tab')) ? (get('tab') as TabName) : 'devices';
  if (get('new'))
    return (
      <PageFrame title={t('wizTitle')} actions={
        <Button size="compact-sm" variant="default"
          onClick={() => set({ new: null, made: null, step: null }, true)}>{t('close')}</Button>}>
        <Wizard />
      </PageFrame>
    );
  if (device) return <DeviceView key={device} name={device} />;
  const Part = tabs[tab];
  return (
    <PageFrame title={t('title')} actions={mayChange && (
      <Button size="compact-sm" leftSection={<Plus size={14} />}
        onClick={() => set({ new: '1' }, true)}>{t('newDevice')}</Button>)}>
      <div className={styles.page}>
        <Tabs value={tab} className={styles.tabs} keepMounted={false}
          onChange={(value) => set({ tab: value === 'devices' ? null : value, q: null }, true)}>
          <Tabs.List>
            {(Object.keys(tabs) as TabName[]).map((name) => (
              <Tabs.Tab key={name} value={name}>{t(`tab_${name}`)}</Tabs.Tab>))}
          </Tabs.List>
        </Tabs>
        <div className={styles.fill}><Part /></div>
      </div>
    </PageFrame>
  );
}

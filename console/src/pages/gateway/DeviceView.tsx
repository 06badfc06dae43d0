import { Anchor, Skeleton, Tabs } from '@mantine/core';
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { PageFrame, ProblemAlert } from '~/ui';
import { DeviceChanges } from './DeviceChanges';
import { DeviceMenu } from './DeviceMenu';
import { DeviceSettings } from './DeviceSettings';
import { DeviceState } from './DeviceState';
import styles from './gateway.module.css';
import { readOnly, useDevice, useDeviceState } from './model';
import { DeviceMark, Note } from './parts';
import { TagTable } from './TagTable';
import { useParams } from './useParam';
import { words } from './words';

const parts = ['tags', 'settings', 'state', 'changes'] as const;
type Part = (typeof parts)[number];

export function DeviceView({ name }: { name: string }): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const device = useDevice(name);
  const state = useDeviceState(name);
  const part: Part = (parts as readonly string[]).includes(get('part'))
    ? (get('part') as Part) : 'tags';
  const back = () => set({ device: null, part: null, group: null, tq: null, only: null }, true);
  const title = (
    <span className={styles.bar}>
      <Anchor component="button" type="button" size="sm" onClick={back}
        aria-label={t('backToList')}><ArrowLeft size={15} /></Anchor>
      {name}
    </span>
  );
  if (device.isError && !device.data)
    return (
      <PageFrame title={title}>
        <ProblemAlert error={device.error} retry={() => void device.refetch()} />
      </PageFrame>
    );
  if (!device.data) return <PageFrame title={title}><Skeleton height={240} /></PageFrame>;
  const now = { ...device.data, state: state.data ?? device.data.state };
  return (
    <PageFrame title={title} actions={
      <>
        <DeviceMark device={now} />
        <DeviceMenu device={now} />
      </>}>
      <div className={styles.page}>
        {now.problem && <Note kind="alarm">{now.problem}</Note>}
        {readOnly(now) && <Note>{t('fileNote', { file: now.origin })}</Note>}
        {state.isError && <ProblemAlert error={state.error} />}
        <Tabs value={part} className={styles.tabs} keepMounted={false}
          onChange={(value) => set({ part: value === 'tags' ? null : value }, true)}>
          <Tabs.List>
            {parts.map((one) => (
              <Tabs.Tab key={one} value={one}>{t(`part_${one}`)}</Tabs.Tab>))}
          </Tabs.List>
        </Tabs>
        <div className={styles.fill}>
          {part === 'tags' && <TagTable device={now} />}
          {part === 'settings' && (
            <DeviceSettings key={now.revision} device={device.data}
              reload={() => void device.refetch()} />)}
          {part === 'changes' && <DeviceChanges name={name} />}
          {part === 'state' && <DeviceState name={name} state={now.state} />}
        </div>
      </div>
    </PageFrame>
  );
}

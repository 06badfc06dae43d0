import { Anchor, Button, Group as Row } from '@mantine/core';
import { Activity, Boxes, Workflow } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Sparkline, Value } from '~/ui';
import styles from './gateway.module.css';
import { pointOf, useDeviceState, type Device } from './model';
import { Age, DeviceMark, Note } from './parts';
import { words } from './words';

const mostPens = 16;

// The end of the way: the values live, and where to go with them.
export function WizardValues({ device, onBack, onOpen }: {
  device: Device; onBack: () => void; onOpen: () => void;
}): ReactNode {
  const t = words.use();
  const state = useDeviceState(device.name, 1000);
  const tags = device.groups.flatMap((group) => group.tags);
  const points = tags.map((tag) => pointOf(device.name, tag));
  const pens = points.slice(0, mostPens).map(encodeURIComponent).join(',');
  return (
    <>
      <Row>
        <DeviceMark device={{ ...device, state: state.data ?? device.state }} />
        <span className={styles.spring} />
        <Button size="compact-sm" variant="default" component={Link}
          to={`/trends?pens=${pens}&from=now-10m`}
          leftSection={<Activity size={14} />}>{t('toTrend')}</Button>
        <Button size="compact-sm" variant="default" component={Link}
          to={`/twin?new=${encodeURIComponent(device.name)}`}
          leftSection={<Boxes size={14} />}>{t('toTwin')}</Button>
        <Button size="compact-sm" variant="default" component={Link}
          to={`/rules?new=1&point=${encodeURIComponent(points[0] ?? '')}`}
          leftSection={<Workflow size={14} />}>{t('toRule')}</Button>
      </Row>
      {state.data?.last_error && (state.data.tags_bad ?? 0) > 0 && (
        <Note kind="warn">{state.data.last_error}</Note>)}
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('liveValues')}</h2>
        <table className={`${styles.plain} ${styles.lined}`}>
          <thead><tr>
            <th>{t('point')}</th><th className={styles.num}>{t('value')}</th>
            <th className={styles.num}>{t('age')}</th><th>{t('lastMinutes')}</th>
          </tr></thead>
          <tbody>
            {tags.slice(0, 50).map((tag) => {
              const point = pointOf(device.name, tag);
              return (
                <tr key={point}>
                  <td><Anchor component={Link} size="sm"
                    to={`/trends?pens=${encodeURIComponent(point)}`}>{point}</Anchor></td>
                  <td className={styles.num}><Value point={point} unit={tag.unit} /></td>
                  <td className={styles.num}><Age point={point} /></td>
                  <td><Sparkline point={point} span="10m" width={180} height={26} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <Row>
        <Button variant="default" onClick={onBack}>{t('back')}</Button>
        <span className={styles.spring} />
        <Button onClick={onOpen}>{t('openDevice')}</Button>
      </Row>
    </>
  );
}

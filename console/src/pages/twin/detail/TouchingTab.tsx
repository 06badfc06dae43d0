import { Button } from '@mantine/core';
import { type ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { useMay } from '~/lib/session';
import { CopyCode, Empty, ProblemAlert, State } from '~/ui';
import { useSubscriptions } from '../subscriptions/data';
import { follows } from '../subscriptions/match';
import styles from '../twin.module.css';
import { words } from '../words';
import type { TabContext } from './TwinView';

// Who follows this twin.
export function TouchingTab({ twin, shape }: TabContext): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const may = useMay('engineer');
  const all = useSubscriptions();
  const models = [twin.model, ...(shape?.ancestors ?? [])];
  const rows = (all.data ?? []).map((one) => ({ one, how: follows(one, twin.id, models) }))
    .filter(({ how }) => how !== 'no');
  const make = () =>
    void go(`/twin/subscriptions?new=1&twins=${encodeURIComponent(twin.id)}`);
  return (
    <div className={styles.scroll}>
      <ProblemAlert error={all.error} />
      {all.data && rows.length === 0 && (
        <Empty title={t('noTouching')} text={t('noTouchingText')}
          action={may ? { label: t('newSubscription'), run: make } : undefined}
          command={`headworks twin watch --twins '${twin.id}'`} />)}
      {rows.length > 0 && (
        <>
          <table className={styles.table}>
            <thead><tr><th scope="col">{t('subscription')}</th>
              <th scope="col">{t('description')}</th><th scope="col">{t('state')}</th>
              <th scope="col">{t('followsIt')}</th></tr></thead>
            <tbody>
              {rows.map(({ one, how }) => (
                <tr key={one.id}>
                  <td><Link className={styles.pointLink}
                    to={`/twin/subscriptions?subscription=${encodeURIComponent(one.id)}`}>
                    {one.id}</Link></td>
                  <td>{one.description}</td>
                  <td><State kind={one.status === 'failed' ? 'alarm'
                    : one.status === 'disabled' ? 'idle' : 'ok'}>
                    {t(`sub_${one.status ?? 'working'}`)}</State></td>
                  <td>{how === 'yes' ? t('yes') : t('maybe')}</td>
                </tr>))}
            </tbody>
          </table>
          {may && <Button mt={12} size="xs" variant="default" onClick={make}>
            {t('newSubscription')}</Button>}
        </>)}
      <section className={styles.section} style={{ marginTop: 18 }}>
        <h3>{t('byMqtt')}</h3>
        <CopyCode code={`mosquitto_sub -v -t '$hw/twin/${twin.id}/#'`} />
      </section>
    </div>
  );
}

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useMay } from '~/lib/session';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { useUnits } from '~/lib/units';
import { ProblemAlert, problemText, ShownValue, State, valueText } from '~/ui';
import {
  plain, trustOfTwin, useDesired, useOrders, type ModelCommand, type Order, type Slot,
} from '../data';
import { ManyOfOne } from '../bulk/OfOne';
import { words as manyWords } from '../bulk/words';
import styles from '../twin.module.css';
import { words } from '../words';
import { AskForm, type Ask } from './AskForm';
import { cancelCommand, cancelDesired, isOpen, stateKinds } from './orders';
import type { TabContext } from './TwinView';

// What is wanted of the plant: desired values beside what is reported, commands, and what came of
// each. Nothing is done before it was read back.
export function OrdersTab({ twin, shape, values, down }: TabContext): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const may = useMay('operator');
  const desired = useDesired(twin.id);
  const tm = manyWords.use();
  const [ask, setAsk] = useState<Ask | null>(null);
  const [several, setSeveral] = useState(false);
  const current = new Map<string, Order>();
  for (const order of desired.data ?? [])
    if (order.path && !current.has(order.path)) current.set(order.path, order);
  const slots = (shape?.slots ?? []).filter((slot) => slot.writable);
  const commands = shape?.commands ?? [];
  const again = () => {
    void client.invalidateQueries({ queryKey: ['twin-desired', twin.id] });
    void client.invalidateQueries({ queryKey: ['twin-orders', twin.id] });
  };
  const takeBack = (slot: Slot) => {
    cancelDesired(twin.id, slot.path, t('takenBack')).then(again, (error: unknown) =>
      notifications.show({ color: 'red', message: problemText(error) }));
  };
  return (
    <div className={styles.scroll}>
      <section className={styles.section}>
        <h3>{t('desiredTitle')}
          {may && slots.length > 1 && (
            <Button size="compact-xs" variant="default" onClick={() => setSeveral(true)}>
              {tm('setSeveral')}</Button>)}</h3>
        <ProblemAlert error={desired.error} />
        {slots.length === 0 ? <p className="hw-dim">{t('noWritable')}</p> : (
          <div className={styles.tableScroll}>
            <table className={styles.table}>
              <thead>
                <tr>
                  <th scope="col">{t('property')}</th>
                  <th scope="col" className={styles.num}>{t('reported')}</th>
                  <th scope="col" className={styles.num}>{t('desired')}</th>
                  <th scope="col">{t('state')}</th>
                  <th scope="col"><span className="hw-visually-hidden">{t('set')}</span></th>
                </tr>
              </thead>
              <tbody>
                {slots.map((slot) => {
                  const order = current.get(slot.path);
                  const value = values[slot.path];
                  return (
                    <tr key={slot.path}>
                      <td title={slot.description}>{slot.displayName ?? slot.path}{' '}
                        <span className={styles.sub}>{slot.path}</span></td>
                      <td className={styles.num}>
                        <ShownValue value={plain(value?.value)} unit={value?.unit}
                          quality={value?.quality} trust={trustOfTwin(value, down)} />
                      </td>
                      <td className={styles.num}>
                        {order ? <ShownValue value={plain(order.value)} unit={slot.unit}
                          trust="good" /> : <span className="hw-dim">–</span>}
                      </td>
                      <td>{order && <OrderState order={order} />}</td>
                      <td className={styles.tight}>
                        {may && <Button size="compact-xs" variant="default"
                          onClick={() => setAsk({ kind: 'desired', slot })}>{t('set')}</Button>}
                        {may && order && isOpen(order.state) && (
                          <Button size="compact-xs" variant="subtle" ml={6}
                            onClick={() => takeBack(slot)}>{t('takeBack')}</Button>)}
                      </td>
                    </tr>);
                })}
              </tbody>
            </table>
          </div>)}
      </section>
      <Commands commands={commands} may={may}
        onAsk={(command) => setAsk({ kind: 'command', command })} />
      <OrderList twin={twin.id} again={again} may={may} />
      {several && <ManyOfOne twin={twin} slots={slots} values={values} onClose={() => {
        setSeveral(false);
        again();
      }} />}
      {ask && <AskForm twin={twin} ask={ask} values={values} down={down} onClose={() => {
        setAsk(null);
        again();
      }} />}
    </div>
  );
}

function Commands({ commands, may, onAsk }: {
  commands: ModelCommand[]; may: boolean; onAsk: (command: ModelCommand) => void;
}): ReactNode {
  const t = words.use();
  return (
    <section className={styles.section}>
      <h3>{t('commandsTitle')}</h3>
      {commands.length === 0 ? <p className="hw-dim">{t('noCommands')}</p> : (
        <table className={styles.table}>
          <tbody>
            {commands.map((command) => (
              <tr key={command.name}>
                <td className={styles.tight}>{command.displayName ?? command.name}{' '}
                  <span className={styles.sub}>{command.name}</span></td>
                <td className="hw-dim">{command.description}</td>
                <td className={styles.tight}>
                  {command.request ? `${command.request.name}: ${command.request.schema}` : ''}
                </td>
                <td className={styles.tight}>
                  {may && <Button size="compact-xs" variant="default"
                    onClick={() => onAsk(command)}>{t('send')}</Button>}
                </td>
              </tr>))}
          </tbody>
        </table>)}
    </section>
  );
}

function OrderState({ order }: { order: Order }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const key = `order_${order.state}` as Parameters<typeof t>[0];
  return (
    <span>
      <State kind={stateKinds[order.state] ?? 'note'}>{t(key)}</State>
      {order.keep && <span className="hw-dim"> · {t('kept')}</span>}
      {order.detail && <div className="hw-dim" style={{ fontSize: 12 }}>{order.detail}</div>}
      {order.next_attempt && isOpen(order.state) && (
        <div className="hw-dim" style={{ fontSize: 12 }}>
          {t('nextAttempt', { time: formatTime(parseTime(order.next_attempt), 'clock', zone) })}
        </div>)}
    </span>
  );
}

function OrderList({ twin, again, may }: {
  twin: string; again: () => void; may: boolean;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const units = useUnits();
  const orders = useOrders(twin);
  return (
    <section className={styles.section}>
      <h3>{t('ordersTitle')}</h3>
      <ProblemAlert error={orders.error} />
      {orders.data?.length === 0 ? <p className="hw-dim">{t('noOrders')}</p> : (
        <div className={styles.tableScroll}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('time')}</th><th scope="col">{t('what')}</th>
                <th scope="col" className={styles.num}>{t('value')}</th>
                <th scope="col">{t('state')}</th>
                <th scope="col">{t('who')}</th><th scope="col">{t('reason')}</th>
                <th><span className="hw-visually-hidden">{t('cancelOrder')}</span></th>
              </tr>
            </thead>
            <tbody>
              {(orders.data ?? []).map((order) => (
                <tr key={order.id}>
                  <td className={styles.tight}>
                    {formatTime(parseTime(order.asked_at), 'full', zone)}</td>
                  <td className={`${styles.tight} hw-mono`}>
                    {order.kind === 'desired' ? order.path : `${order.command ?? ''}()`}</td>
                  <td className={styles.num}>
                    {valueText(plain(order.value ?? order.request), '', units)}</td>
                  <td><OrderState order={order} /></td>
                  <td className={styles.tight}>{order.actor || t('nobody')}</td>
                  <td>{order.reason}</td>
                  <td className={styles.tight}>
                    {may && order.kind === 'command' && order.state === 'accepted' && (
                      <Button size="compact-xs" variant="subtle" onClick={() => {
                        cancelCommand(order.id, t('takenBack')).then(again, (error: unknown) =>
                          notifications.show({ color: 'red', message: problemText(error) }));
                      }}>{t('cancelOrder')}</Button>)}
                  </td>
                </tr>))}
            </tbody>
          </table>
        </div>)}
    </section>
  );
}

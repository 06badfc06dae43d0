import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { seg, send, sendJson } from '~/lib/api';
import { useMay } from '~/lib/session';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import { CopyCode, Empty, ProblemAlert, problemText, State } from '~/ui';
import { shortModel } from '../data';
import { useUrl } from '../state';
import styles from '../twin.module.css';
import { words } from '../words';
import {
  useFigures, useSubscriptions, type Figures, type Subscription, type TestAnswer,
} from './data';
import { EventsTail } from './EventsTail';
import { SubscriptionForm } from './SubscriptionForm';

const stateOf = (one: Subscription) =>
  one.status === 'failed' ? 'alarm' : one.status === 'disabled' ? 'idle' : 'ok';

// Who is told what of the twins: subscriptions, their figures, a test, and their events live.
export function Subscriptions(): ReactNode {
  const t = words.use();
  const url = useUrl();
  const may = useMay('engineer');
  const list = useSubscriptions();
  const figures = useFigures().data ?? {};
  const chosen = url.get('subscription');
  const one = list.data?.find((each) => each.id === chosen);
  const creating = url.get('new') !== null;
  const create = () => url.set({ new: '1', subscription: null, edit: null }, false);
  const done = (id: string | null) =>
    url.set({ subscription: id, new: null, edit: null, twins: null }, false);
  return (
    <div className={styles.page}>
      <aside className={styles.side} aria-label={t('subscriptions')}>
        <div className={styles.sideTop}>
          <div className={styles.sideRow}>
            <span className={styles.hint}>{t('subHint')}</span>
            <span className={styles.spring} />
            {may && <Button size="compact-xs" variant="default" leftSection={<Plus size={12} />}
              onClick={create}>{t('newSubscription')}</Button>}
          </div>
          <ProblemAlert error={list.error} />
        </div>
        <div className={styles.hits}>
          {(list.data ?? []).map((each) => (
            <button key={each.id} type="button" className={styles.listRow}
              aria-current={each.id === chosen} onClick={() => done(each.id)}>
              <span>{each.id}</span>
              <span className={styles.hitSub}>
                <State kind={stateOf(each)}>{t(`sub_${each.status ?? 'working'}`)}</State>
                <span>{t('delivered', { count: formatNumber(figures[each.id]?.delivered ?? 0) })}
                </span>
                <span>{each.description}</span>
              </span>
            </button>))}
        </div>
      </aside>
      <div className={styles.main}>
        {creating ? <SubscriptionForm twins={url.get('twins') ?? undefined} onDone={done} />
          : one && url.get('edit') ? <SubscriptionForm key={one.id} subscription={one}
            onDone={done} />
            : one ? <SubscriptionView key={one.id} one={one} figures={figures[one.id]} />
              : <Empty title={list.data?.length ? t('chooseSub') : t('noSubs')}
                text={t('noTouchingText')}
                action={may ? { label: t('newSubscription'), run: create } : undefined}
                command="curl -N 'localhost:8080/api/v1/twin/events?twins=%23&properties=level'" />}
      </div>
    </div>
  );
}

function SubscriptionView({ one, figures }: {
  one: Subscription; figures?: Figures;
}): ReactNode {
  const t = words.use();
  const url = useUrl();
  const client = useQueryClient();
  const may = useMay('engineer');
  const [asked, setAsked] = useState(false);
  const [test, setTest] = useState<TestAnswer | null>(null);
  const [testing, setTesting] = useState(false);
  const path = `/api/v1/twin/subscriptions/${seg(one.id)}`;
  const complain = (error: unknown) =>
    notifications.show({ color: 'red', message: problemText(error) });
  const remove = () => {
    send(path, { method: 'DELETE' }).then(() => {
      url.set({ subscription: null });
      void client.invalidateQueries({ queryKey: ['twin-subscriptions'] });
    }, complain);
  };
  const probe = async () => {
    setTesting(true);
    try {
      setTest(await sendJson<TestAnswer>('POST', `${path}/test`));
    } catch (error) {
      complain(error);
    } finally {
      setTesting(false);
    }
  };
  const topic = typeof one.deliver === 'object' ? one.deliver.mqtt.topic : null;
  const filter = one.filter ?? {};
  return (
    <>
      <div className={styles.header} style={{ paddingBottom: 10 }}>
        <div className={styles.headLine}>
          <h2>{one.id}</h2>
          <State kind={stateOf(one)}>{t(`sub_${one.status ?? 'working'}`)}</State>
          <span className={styles.spring} />
          <Button size="xs" loading={testing} onClick={() => void probe()}>{t('test')}</Button>
          {may && <Button size="xs" variant="default" onClick={() => url.set({ edit: '1' })}>
            {t('edit')}</Button>}
          {may && (asked
            ? <Button size="xs" color="red" onClick={remove}>{t('reallyDelete')}</Button>
            : <Button size="xs" variant="default" onClick={() => setAsked(true)}>
              {t('deleteModel')}</Button>)}
        </div>
        {one.description && <div className="hw-dim">{one.description}</div>}
        {one.problem && <div role="alert">✕ {one.problem}</div>}
        <div className={styles.crumbs}>
          <span className="hw-mono">{filter.twins ?? '#'}</span>
          {filter.model && <span>{shortModel(filter.model)}</span>}
          {filter.root && <span>{t('below', { root: filter.root })}</span>}
          {filter.where && <span className="hw-mono">{filter.where}</span>}
          {filter.properties && <span className="hw-mono">{filter.properties.join(', ')}</span>}
          <span>{(filter.events ?? ['property']).map((kind) =>
            t(`event_${kind}` as Parameters<typeof t>[0])).join(', ')}</span>
          {topic && <span className="hw-mono">→ {topic}</span>}
        </div>
      </div>
      <div className={styles.scroll}>
        {test && <TestReport test={test} />}
        <FiguresList figures={figures} />
        <EventsTail address={`${path}/events`} />
        <CopyCode code={`curl -N '${window.location.origin}${path}/events'`} />
      </div>
    </>
  );
}

function FiguresList({ figures }: { figures?: Figures }): ReactNode {
  const t = words.use();
  const zone = useZone();
  if (!figures) return null;
  const names = ['matched', 'delivered', 'suppressed', 'throttled', 'rejected', 'failed',
    'dropped', 'refused', 'slots', 'queued', 'readers'] as const;
  const troubled = ['failed', 'dropped', 'refused'];
  return (
    <section className={styles.section}>
      <h3>{t('figures')}
        <span className="hw-dim">{t('lastEvent', {
          time: formatTime(parseTime(figures.last_event_at), 'full', zone) })}</span></h3>
      <dl className={styles.figures}>
        {names.map((name) => (
          <div key={name} className={styles.figure}>
            <dt>{troubled.includes(name) && figures[name] > 0 ? '△ ' : ''}{t(`fig_${name}`)}</dt>
            <dd>{formatNumber(figures[name])}</dd>
          </div>))}
      </dl>
      {figures.last_error && <p>✕ {figures.last_error}</p>}
    </section>
  );
}

function TestReport({ test }: { test: TestAnswer }): ReactNode {
  const t = words.use();
  return (
    <section className={styles.section} aria-live="polite">
      <h3>{t('testTitle')}
        <State kind={test.findings.length ? 'warn' : 'ok'}>
          {test.findings.length ? t('findings', { count: test.findings.length })
            : t('nothingAmiss')}</State></h3>
      <div className={styles.card}>
        <div>{t('testReach', { twins: test.twins, slots: test.slots.matched ?? 0 })}</div>
        <div>{test.test_event.sent ? t('testSent', {
          readers: test.test_event.readers ?? 0, undelivered: test.test_event.undelivered ?? 0 })
          : t('testNotSent')}</div>
        <ul className={styles.findings}>
          {test.findings.map((one) => <li key={one}>△ {one}</li>)}
        </ul>
      </div>
    </section>
  );
}

import { Button, Group, Modal, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useUnits } from '~/lib/units';
import { ConfirmWrite, State, valueText, type WriteOutcome } from '~/ui';
import { plain } from '../data';
import { stateKinds } from '../detail/orders';
import twinStyles from '../twin.module.css';
import { words as twinWords } from '../words';
import { askMany, counts, follow, isConfirmed, type Result, type Wanted } from './many';
import { words } from './words';

const linesShown = 12;

// The frame of both ways to wish for several values: the form, then old and new with a reason, then
// what came of each.
export function ManyDesired({ title, wanted, flawed, onClose, children }: {
  title: string; wanted: Wanted[]; flawed: boolean; onClose: () => void; children: ReactNode;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [confirming, setConfirming] = useState(false);
  const [results, setResults] = useState<Result[] | null>(null);
  const run = async (reason: string): Promise<WriteOutcome> => {
    const taken = await askMany(wanted, reason);
    setResults(taken);
    const ended = await follow(taken, setResults);
    void client.invalidateQueries({ predicate: ({ queryKey }) =>
      /^twin-(desired|orders)$/.test(String(queryKey[0])) });
    const { confirmed } = counts(ended);
    return confirmed === ended.length
      ? { kind: 'confirmed', value: t('allConfirmed', { count: confirmed }) }
      : { kind: 'unconfirmed', why: t('someConfirmed', { count: confirmed, all: ended.length }) };
  };
  return (
    <>
      <Modal opened={!confirming} onClose={onClose} size="xl" title={title}
        closeButtonProps={{ 'aria-label': t('close') }}>
        {results ? (
          <Stack gap="sm">
            <Results results={results} />
            <Group justify="flex-end"><Button onClick={onClose}>{t('close')}</Button></Group>
          </Stack>
        ) : (
          <form onSubmit={(event) => {
            event.preventDefault();
            if (wanted.length && !flawed) setConfirming(true);
          }}>
            <Stack gap="sm">
              {children}
              <Group justify="flex-end">
                <span className="hw-dim" role="status">
                  {t('chosen', { count: wanted.length })}</span>
                <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
                <Button type="submit" disabled={!wanted.length || flawed}>{t('continue')}</Button>
              </Group>
            </Stack>
          </form>)}
      </Modal>
      <ConfirmWrite opened={confirming} onClose={() => setConfirming(false)}
        what={t('values', { count: wanted.length })}
        oldText={<Lines wanted={wanted} of="before" />}
        newText={<Lines wanted={wanted} of="value" />}
        run={run} />
    </>
  );
}

// One line a value; both columns in the same order.
function Lines({ wanted, of }: { wanted: Wanted[]; of: 'before' | 'value' }): ReactNode {
  const t = words.use();
  const units = useUnits();
  return (
    <span style={{ display: 'block', maxHeight: 220, overflow: 'auto', fontSize: 13 }}>
      {wanted.slice(0, linesShown).map((one) => (
        <span key={`${one.twin} ${one.path}`} style={{ display: 'block' }}>
          <span className="hw-dim" style={{ fontWeight: 400 }}>{one.name} · {one.title}: </span>
          <span className="hw-num">{valueText(plain(one[of]), one.unit, units)}</span>
        </span>))}
      {wanted.length > linesShown
        && <span>{t('more', { count: wanted.length - linesShown })}</span>}
    </span>
  );
}

function Results({ results }: { results: Result[] }): ReactNode {
  const t = words.use();
  const say = twinWords.use();
  const units = useUnits();
  const { confirmed, open, refused } = counts(results);
  return (
    <>
      <div role="status">{t('sum', { confirmed, open, refused })}</div>
      <div className={twinStyles.tableScroll}>
        <table className={twinStyles.table} aria-label={t('results')}>
          <thead><tr>
            <th scope="col">{t('twin')}</th><th scope="col">{t('property')}</th>
            <th scope="col" className={twinStyles.num}>{t('value')}</th>
            <th scope="col">{t('outcome')}</th>
          </tr></thead>
          <tbody>
            {results.map((one) => (
              <tr key={`${one.wanted.twin} ${one.wanted.path}`}>
                <td title={one.wanted.twin}>{one.wanted.name}</td>
                <td title={one.wanted.path}>{one.wanted.title}</td>
                <td className={twinStyles.num}>
                  {valueText(plain(one.wanted.value), one.wanted.unit, units)}</td>
                <td>
                  <State kind={one.order ? stateKinds[one.order.state] ?? 'note' : 'alarm'}>
                    {t(isConfirmed(one) ? 'confirmed' : 'notConfirmed')}
                  </State>{' '}
                  <span className="hw-dim">
                    {one.order
                      ? [isConfirmed(one) ? ''
                        : say(`order_${one.order.state}` as Parameters<typeof say>[0]),
                      one.order.detail].filter(Boolean).join(': ')
                      : one.error}</span>
                </td>
              </tr>))}
          </tbody>
        </table>
      </div>
    </>
  );
}

import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { problemText } from './ProblemAlert';
import styles from './ui.module.css';
import { words } from './words';

// How a write to the plant ended. `confirmed` only when the value was read back; `answered` is the
// device's word that it has done a command.
export type WriteOutcome =
  | { kind: 'confirmed'; value: string }
  | { kind: 'answered'; text: string }
  | { kind: 'unconfirmed'; why: string }
  | { kind: 'refused'; why: string };

// Any write to the plant goes through here: old and new beside each other, a reason, and then what
// came of it. A rejected promise counts as refused.
export function ConfirmWrite({ opened, onClose, what, oldText, newText, run, danger = false }: {
  opened: boolean; onClose: () => void; what: string; oldText: ReactNode; newText: ReactNode;
  run: (reason: string) => Promise<WriteOutcome>; danger?: boolean;
}): ReactNode {
  const t = words.use();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<WriteOutcome | null>(null);
  // A held Enter comes again before the page has rendered: one order is one order.
  const writing = useRef(false);
  useEffect(() => {
    if (opened) {
      setReason('');
      setOutcome(null);
    }
  }, [opened]);
  const write = async () => {
    if (writing.current) return;
    writing.current = true;
    setBusy(true);
    try {
      setOutcome(await run(reason.trim()));
    } catch (error) {
      setOutcome({ kind: 'refused', why: problemText(error) });
    } finally {
      writing.current = false;
      setBusy(false);
    }
  };
  // What becomes of an order that is under way must be seen, so it does not close before.
  const close = () => {
    if (!writing.current) onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={t('confirmTitle', { what })} centered
      closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (!outcome && reason.trim()) void write();
      }}>
        <Stack gap="sm">
          <dl className={styles.oldnew}>
            <dt>{t('confirmOld')}</dt><dd>{oldText}</dd>
            <dt>{t('confirmNew')}</dt><dd><strong>{newText}</strong></dd>
          </dl>
          <Textarea label={t('reason')} description={t('reasonHint')} required autosize minRows={2}
            data-autofocus maxLength={500} value={reason} disabled={busy || outcome !== null}
            onChange={(event) => setReason(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
                event.preventDefault();
                event.currentTarget.form?.requestSubmit();
              }
            }} />
          <div aria-live="assertive">
            {busy && <div className={styles.result}>{t('writing')}</div>}
            {outcome?.kind === 'confirmed' && (
              <div className={styles.result} data-kind="good">
                ✓ {t('confirmed', { value: outcome.value })}
              </div>)}
            {outcome?.kind === 'answered' && (
              <div className={styles.result} data-kind="good">
                ✓ {t('answered', { text: outcome.text })}
              </div>)}
            {outcome?.kind === 'unconfirmed' && (
              <div className={styles.result} data-kind="bad">
                △ {t('unconfirmed', { why: outcome.why })}
              </div>)}
            {outcome?.kind === 'refused' && (
              <div className={styles.result} data-kind="bad">
                ✕ {t('refused', { why: outcome.why })}
              </div>)}
          </div>
          <Group justify="flex-end">
            <Button variant="default" onClick={close} disabled={busy}>
              {outcome ? t('close') : t('cancel')}
            </Button>
            {!outcome && (
              <Button type="submit" loading={busy} disabled={!reason.trim()}
                color={danger ? 'red' : undefined}>{t('write')}</Button>)}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { getJson } from '~/lib/api';
import { useUnits } from '~/lib/units';
import { ConfirmWrite, ProblemAlert, ShownValue, valueText } from '~/ui';
import {
  modelUrl, nameOf, plain, trustOfTwin, type ModelCommand, type Slot, type Twin, type TwinValue,
} from '../data';
import { check, requestField, slotField, type Doc } from '../schema';
import { SchemaField } from '../SchemaField';
import { words } from '../words';
import { askCommand, askDesired, outcomeOf } from './orders';

export type Ask = { kind: 'desired'; slot: Slot } | { kind: 'command'; command: ModelCommand };

// First the value, by the form of its schema; then old and new, the reason, and what came of it.
export function AskForm({ twin, ask, values, down, onClose }: {
  twin: Twin; ask: Ask; values: Record<string, TwinValue>; down: boolean; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const units = useUnits();
  const definedIn = ask.kind === 'desired' ? ask.slot.definedIn : ask.command.definedIn;
  const model = useQuery({
    queryKey: ['twin-model', definedIn], queryFn: () => getJson<Doc>(modelUrl(definedIn)),
    staleTime: 600_000, enabled: definedIn !== '',
  });
  const reported = ask.kind === 'desired' ? values[ask.slot.path] : undefined;
  const field = !model.data ? null : ask.kind === 'desired' ? slotField(ask.slot, model.data)
    : requestField(model.data, ask.command.name);
  const [value, setValue] = useState<unknown>(reported?.value ?? undefined);
  const [keep, setKeep] = useState(false);
  const [timeout, setWait] = useState('');
  const [tried, setTried] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const [key] = useState(() =>
    `console-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`);
  const optional = ask.kind === 'command' && ask.command.request?.nullable;
  const flaws = !field || (value === undefined && optional) ? [] : check(field, value);
  const title = ask.kind === 'desired' ? ask.slot.displayName ?? ask.slot.path
    : ask.command.displayName ?? ask.command.name;
  const unit = field?.kind === 'number' ? field.unit : undefined;
  const shown = (one: unknown) => valueText(plain(one), unit, units);
  const say = (state: string) => t(`order_${state}` as Parameters<typeof t>[0]);
  const run = async (reason: string) => outcomeOf(ask.kind === 'desired'
    ? await askDesired(twin.id, ask.slot.path, { value, reason, keep, timeout })
    : await askCommand(twin.id, ask.command.name, value, reason, key), say, shown);
  const command = ask.kind === 'command' && model.data && !field;
  return (
    <>
      <Modal opened={!confirming} onClose={onClose} centered
        title={`${nameOf(twin)}: ${title}`}
        closeButtonProps={{ 'aria-label': t('close') }}>
        <form onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (model.data && flaws.length === 0) setConfirming(true);
        }}>
          <Stack gap="sm">
            <ProblemAlert error={model.error} />
            {command && <div className="hw-dim">{ask.command.description ?? t('noRequest')}</div>}
            {field && (
              <SchemaField field={field} autoFocus required={!optional} value={value}
                label={ask.kind === 'command' ? ask.command.request?.name ?? t('request') : title}
                description={ask.kind === 'desired' ? ask.slot.description
                  : ask.command.description} onChange={setValue}
                error={tried && flaws[0] ? t(flaws[0].key, flaws[0].values) : undefined} />)}
            {ask.kind === 'desired' && (
              <>
                <TextInput label={t('timeout')} description={t('timeoutHint')} placeholder="10m"
                  value={timeout} onChange={(event) => setWait(event.currentTarget.value)} />
                <Checkbox label={t('keep')} description={t('keepHint')} checked={keep}
                  onChange={(event) => setKeep(event.currentTarget.checked)} />
              </>)}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
              <Button type="submit" disabled={!model.data}>{t('continue')}</Button>
            </Group>
          </Stack>
        </form>
      </Modal>
      <ConfirmWrite opened={confirming} onClose={onClose}
        what={`${nameOf(twin)} · ${title}`}
        oldText={ask.kind === 'desired'
          ? <ShownValue value={plain(reported?.value)} unit={reported?.unit}
            quality={reported?.quality} trust={trustOfTwin(reported, down)} />
          : t('commandOld')}
        newText={ask.kind === 'desired' ? shown(value)
          : `${title}${value === undefined ? '' : ` (${shown(value)})`}`} run={run} />
    </>
  );
}

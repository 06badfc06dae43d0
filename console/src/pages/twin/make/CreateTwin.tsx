import { Accordion, Button, Group, Modal, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { sendJson } from '~/lib/api';
import { languages, useLanguage } from '~/lib/words';
import { ProblemAlert } from '~/ui';
import { shortModel, twinUrl, useModels, useShape, type ModelRow, type Shape } from '../data';
import { useDocs } from '../detail/DescriptionTab';
import { isThere, relate } from '../detail/remove';
import { check, plainSchema, slotField } from '../schema';
import { SchemaField } from '../SchemaField';
import { TwinPicker } from '../TwinPicker';
import styles from '../twin.module.css';
import { words } from '../words';
import { Bindings } from './Bindings';
import { boundSlots, idFlaw, nested } from './bindings';
import { useFits } from './fit';

// A new twin: the model gives the form. What is measured is bound to points, whose live values are
// shown before anything is made.
export function CreateTwin({ begin, onClose, onMade }: {
  begin: string; onClose: () => void; onMade: (id: string) => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const known = useModels();
  const models = known.data ?? [];
  const [model, setModel] = useState<string | null>(null);
  const [id, setId] = useState(/^1?$/.test(begin) ? '' : begin);
  const [name, setName] = useState('');
  const [second, setSecond] = useState('');
  const language = useLanguage();
  const other = language === 'zh' ? 'en' : 'zh';
  const [parent, setParent] = useState('');
  const [fixed, setFixed] = useState<Record<string, unknown>>({});
  const [bindings, setBindings] = useState<Record<string, string>>({});
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const shape = useShape(model ?? undefined).data;
  const flaw = idFlaw(id);
  const [rested] = useDebouncedValue(id, 400);
  const { fits, points, places } = useFits(rested, models);
  const make = async () => {
    setBusy(true);
    try {
      if (await isThere(id)) throw new Error(t('idTaken', { id }));
      const properties = nested(fixed);
      const bound = Object.fromEntries(Object.entries(bindings).filter(([, point]) => point));
      await sendJson('PUT', twinUrl(id), {
        model, ...(name && second ? { name: { [language]: name, [other]: second } }
          : name || second ? { name: name || second } : {}),
        ...(Object.keys(properties).length ? { properties } : {}),
        ...(Object.keys(bound).length ? { bindings: bound } : {}),
      });
      if (parent) await relate(id, 'partOf', parent);
      await client.invalidateQueries({ predicate: ({ queryKey }) =>
        String(queryKey[0]).startsWith('twin') });
      onMade(id);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} size="xl" title={t('newTwin')}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (model && !flaw) void make();
      }}>
        <Stack gap="sm">
          {known.data?.length === 0 && <NoModels onError={setError} />}
          <div className={styles.formGrid}>
            <Select label={t('model')} required searchable data-autofocus value={model}
              onChange={(next) => {
                setModel(next);
                setFixed({});
                setBindings(fits.find((one) => one.model === next)?.bindings ?? {});
              }} error={tried && !model ? t('modelNeeded') : undefined}
              description={models.find((one) => one.id === model)?.description}
              data={choices(models, fits.map((one) => ({ id: one.model,
                note: t('fits', { count: one.count, all: points.length }) })), t)} />
            <TextInput label={t('id')} required placeholder="works/station/pump1" value={id}
              description={t('idHint')} error={tried && flaw ? t(flaw) : undefined}
              onChange={(event) => setId(event.currentTarget.value.trim())} />
            <TextInput label={t('name')} value={name}
              onChange={(event) => setName(event.currentTarget.value)} />
            <TextInput label={t('nameIn', { language: languages[other] })} value={second}
              onChange={(event) => setSecond(event.currentTarget.value)} />
            {shape?.relationships.some((one) => one.name === 'partOf') && (
              <TwinPicker label={t('partOf')} value={parent} onChange={setParent} />)}
          </div>
          {!model && fits.length > 0 && (
            <Offers title={t('fitting')} offers={fits.slice(0, 4).map((one) => ({ id: one.model,
              text: `${labelOf(models, one.model)}: ${
                t('fits', { count: one.count, all: points.length })}` }))}
            onTake={(next) => {
              setModel(next);
              setBindings(fits.find((one) => one.model === next)?.bindings ?? {});
            }} />)}
          {places.length > 0 && fits.length === 0 && (
            <Offers title={t('placesBelow')} onTake={setId} offers={places.map((one) => (
              { id: one.id, text: t('placePoints', { id: one.id, count: one.count }) }))} />)}
          {shape && <Parts shape={shape} id={id} fixed={fixed} setFixed={setFixed}
            bindings={bindings} setBindings={setBindings} />}
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
            <Button type="submit" loading={busy}>{t('create')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

// On a new server there is no model to choose: the library is one click away.
function NoModels({ onError }: { onError: (error: unknown) => void }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const install = async () => {
    setBusy(true);
    try {
      await sendJson('POST', '/api/v1/twin/library/install');
      await client.invalidateQueries({ predicate: ({ queryKey }) =>
        String(queryKey[0]).startsWith('twin') });
    } catch (failure) {
      onError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Group justify="space-between" wrap="nowrap">
      <span>{t('noModelsText')}</span>
      <Button variant="default" loading={busy} onClick={() => void install()}>
        {t('installLibrary')}</Button>
    </Group>
  );
}

// "Rapid filter (RapidFilter)"; the short id only where it says more than the name.
function modelLabel({ id, displayName }: ModelRow): string {
  const short = shortModel(id);
  return !displayName || displayName === short ? short : `${displayName} (${short})`;
}

const labelOf = (models: ModelRow[], id: string): string => {
  const found = models.find((one) => one.id === id);
  return found ? modelLabel(found) : shortModel(id);
};

// What fits the points that are there stands first, with how well it does.
function choices(models: ModelRow[], fitting: { id: string; note: string }[],
  t: ReturnType<typeof words.use>) {
  const all = models.map((one) => ({ value: one.id, label: modelLabel(one) }));
  if (!fitting.length) return all;
  const notes = new Map(fitting.map((one) => [one.id, one.note]));
  return [
    { group: t('fitting'), items: fitting.map((one) => (
      { value: one.id, label: `${labelOf(models, one.id)} · ${one.note}` })) },
    { group: t('otherModels'), items: all.filter((one) => !notes.has(one.value)) },
  ];
}

// One click takes what the points ask for.
function Offers({ title, offers, onTake }: {
  title: string; offers: { id: string; text: string }[]; onTake: (id: string) => void;
}): ReactNode {
  return (
    <div role="group" aria-label={title}>
      <div className={styles.hint}>{title}</div>
      <Group gap={6}>
        {offers.map((one) => (
          <Button key={one.id} size="compact-xs" variant="default" title={one.id}
            onClick={() => onTake(one.id)}>{one.text}</Button>))}
      </Group>
    </div>
  );
}

function Parts({ shape, id, fixed, setFixed, bindings, setBindings }: {
  shape: Shape; id: string; fixed: Record<string, unknown>;
  setFixed: (fixed: Record<string, unknown>) => void; bindings: Record<string, string>;
  setBindings: (bindings: Record<string, string>) => void;
}): ReactNode {
  const t = words.use();
  const [inherited, setInherited] = useState(false);
  const slots = shape.slots.filter((slot) => slot.fixed);
  const docs = useDocs(slots.filter((one) => !plainSchema(one.schema))
    .map((one) => one.definedIn));
  const own = slots.filter((one) => inherited || !/:(Entity|Asset);/.test(one.definedIn));
  const bound = boundSlots(shape.slots);
  return (
    <Accordion multiple defaultValue={['fixed', 'points']} variant="contained">
      <Accordion.Item value="fixed">
        <Accordion.Control>{t('fixedValues', { count: slots.length })}</Accordion.Control>
        <Accordion.Panel>
          <Stack gap="sm">
            <Switch size="xs" label={t('showInherited')} checked={inherited}
              onChange={(event) => setInherited(event.currentTarget.checked)} />
            <div className={styles.formGrid}>
              {own.map((slot) => {
                const field = slotField(slot, docs.get(slot.definedIn));
                const value = fixed[slot.path];
                const flaw = value === undefined ? undefined : check(field, value)[0];
                return (
                  <SchemaField key={`${slot.path} ${docs.size}`} field={field} value={value}
                    label={slot.displayName ?? slot.path} description={slot.description}
                    error={flaw ? t(flaw.key, flaw.values) : undefined}
                    onChange={(next) => setFixed({ ...fixed, [slot.path]: next })} />);
              })}
            </div>
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
      <Accordion.Item value="points">
        <Accordion.Control>{t('boundValues', { count: bound.length })}</Accordion.Control>
        <Accordion.Panel>
          <Bindings slots={bound} id={id} bindings={bindings} onChange={setBindings} />
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

import {
  Button, Checkbox, Group, MultiSelect, Select, Stack, Switch, TextInput,
} from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { seg, sendJson } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import { shortModel, useModels } from '../data';
import { TwinPicker } from '../TwinPicker';
import styles from '../twin.module.css';
import { words } from '../words';
import type { Subscription } from './data';
import { draftOf, specOf, type Draft } from './draft';

const kinds = ['property', 'stale', 'twin', 'relationship', 'desired', 'command'] as const;

// A subscription to make or change; a change that crosses another's is refused by its revision.
export function SubscriptionForm({ subscription, twins, onDone }: {
  subscription?: Subscription; twins?: string; onDone: (id: string | null) => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => draftOf(subscription, twins));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const put = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }));
  const save = async () => {
    setBusy(true);
    try {
      const { id, ...spec } = specOf(draft, subscription);
      const made = subscription
        ? await sendJson<Subscription>('PUT', `/api/v1/twin/subscriptions/${seg(subscription.id)}`,
          spec, { headers: { 'If-Match': `"${subscription.revision ?? 0}"` } })
        : await sendJson<Subscription>('POST', '/api/v1/twin/subscriptions',
          { ...spec, ...(id ? { id } : {}) });
      await client.invalidateQueries({ queryKey: ['twin-subscriptions'] });
      onDone(made.id);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={styles.scroll}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}>
        <Stack gap="sm" maw={980}>
          <h2 style={{ fontSize: 18, margin: 0 }}>
            {subscription ? subscription.id : t('newSubscription')}</h2>
          <div className={styles.formGrid}>
            <TextInput label={t('id')} value={draft.id} disabled={Boolean(subscription)}
              description={t('idOptional')}
              onChange={(event) => put({ id: event.currentTarget.value })} />
            <TextInput label={t('description')} value={draft.description}
              onChange={(event) => put({ description: event.currentTarget.value })} />
          </div>
          <Switch label={t('enabled')} checked={draft.enabled}
            onChange={(event) => put({ enabled: event.currentTarget.checked })} />
          <FilterFields draft={draft} put={put} />
          <RateFields draft={draft} put={put} />
          <ProblemAlert error={error} />
          <Group>
            <Button type="submit" loading={busy}>{t('save')}</Button>
            <Button variant="default" onClick={() => onDone(subscription?.id ?? null)}>
              {t('cancel')}</Button>
          </Group>
        </Stack>
      </form>
    </div>
  );
}

interface FieldsProps {
  draft: Draft;
  put: (change: Partial<Draft>) => void;
}

function FilterFields({ draft, put }: FieldsProps): ReactNode {
  const t = words.use();
  const models = useModels().data ?? [];
  return (
    <fieldset className={styles.fieldset}>
      <legend>{t('subFilter')}</legend>
      <div className={styles.formGrid}>
        <TextInput label={t('filterIds')} description={t('filterIdsHint')} value={draft.twins}
          onChange={(event) => put({ twins: event.currentTarget.value })} />
        <Select label={t('model')} description={t('modelToo')} searchable clearable
          value={draft.model || null} onChange={(next) => put({ model: next ?? '' })}
          data={models.map((one) => ({ value: one.id, label: shortModel(one.id) }))} />
        <TextInput label={t('where')} description={t('whereHint')} value={draft.where}
          placeholder="power > 50"
          onChange={(event) => put({ where: event.currentTarget.value })} />
        <TextInput label={t('properties')} description={t('propertiesHint')}
          value={draft.properties} placeholder="level, drive/+"
          onChange={(event) => put({ properties: event.currentTarget.value })} />
        <MultiSelect label={t('events')} value={draft.events} description={t('eventsHint')}
          onChange={(events) => put({ events })}
          data={kinds.map((one) => ({ value: one, label: t(`event_${one}`) }))} />
        <TwinPicker label={t('root')} description={t('rootHint')} value={draft.root}
          onChange={(root) => put({ root })} />
        {draft.root && (
          <>
            <TextInput label={t('along')} description={t('alongHint')} value={draft.along}
              placeholder="partOf" onChange={(event) =>
                put({ along: event.currentTarget.value })} />
            <Checkbox label={t('against')} checked={draft.incoming}
              onChange={(event) => put({ incoming: event.currentTarget.checked })} />
          </>)}
      </div>
    </fieldset>
  );
}

function RateFields({ draft, put }: FieldsProps): ReactNode {
  const t = words.use();
  return (
    <>
      <fieldset className={styles.fieldset}>
        <legend>{t('howOften')}</legend>
        <div className={styles.formGrid}>
          <TextInput label={t('deadband')} description={t('deadbandHint')} value={draft.deadband}
            inputMode="decimal"
            onChange={(event) => put({ deadband: event.currentTarget.value })} />
          <TextInput label={t('interval')} description={t('intervalHint')} value={draft.interval}
            placeholder="1s" onChange={(event) => put({ interval: event.currentTarget.value })} />
          <TextInput label={t('enrich')} description={t('enrichHint')} value={draft.enrich}
            placeholder="name, flow"
            onChange={(event) => put({ enrich: event.currentTarget.value })} />
          <Stack gap="xs" justify="flex-end">
            <Checkbox label={t('everyUpdate')} checked={draft.everyUpdate}
              onChange={(event) => put({ everyUpdate: event.currentTarget.checked })} />
            <Checkbox label={t('initialState')} checked={draft.initial}
              onChange={(event) => put({ initial: event.currentTarget.checked })} />
          </Stack>
        </div>
      </fieldset>
      <fieldset className={styles.fieldset}>
        <legend>{t('delivery')}</legend>
        <Switch label={t('byMqttTopic')} checked={draft.mqtt}
          onChange={(event) => put({ mqtt: event.currentTarget.checked })} />
        {draft.mqtt && (
          <div className={styles.formGrid}>
            <TextInput label={t('topic')} description={t('topicHint')} value={draft.topic} required
              onChange={(event) => put({ topic: event.currentTarget.value })} />
            <Select label="QoS" data={['0', '1']} value={draft.qos} allowDeselect={false}
              onChange={(next) => put({ qos: next ?? '0' })} />
            <Checkbox label={t('retain')} checked={draft.retain} pt={28}
              onChange={(event) => put({ retain: event.currentTarget.checked })} />
          </div>)}
      </fieldset>
    </>
  );
}

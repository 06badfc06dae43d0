import type { Subscription, SubscriptionFilter } from './data';

// What is typed in a subscription's form.
export interface Draft {
  id: string;
  description: string;
  enabled: boolean;
  twins: string;
  model: string;
  root: string;
  along: string;
  incoming: boolean;
  where: string;
  properties: string;
  events: string[];
  everyUpdate: boolean;
  deadband: string;
  interval: string;
  initial: boolean;
  enrich: string;
  mqtt: boolean;
  topic: string;
  qos: string;
  retain: boolean;
}

const joined = (list?: string[]) => (list ?? []).join(', ');
const list = (text: string) => text.split(/[\s,]+/).filter(Boolean);

export function draftOf(one: Subscription | undefined, twins = '#'): Draft {
  const filter: SubscriptionFilter = one?.filter ?? {};
  const mqtt = typeof one?.deliver === 'object' ? one.deliver.mqtt : null;
  return {
    id: one?.id ?? '', description: one?.description ?? '', enabled: one?.enabled ?? true,
    twins: filter.twins ?? (one ? '#' : twins), model: filter.model ?? '',
    root: filter.root ?? '', along: joined(filter.along), incoming: filter.incoming ?? false,
    where: filter.where ?? '', properties: joined(filter.properties),
    events: filter.events ?? ['property'], everyUpdate: one?.when === 'every_update',
    deadband: one?.deadband ? String(one.deadband) : '', interval: one?.min_interval ?? '',
    initial: one?.initial ?? false, enrich: joined(one?.enrich), mqtt: mqtt !== null,
    topic: mqtt?.topic ?? 'twins/${twin}/${path}', qos: String(mqtt?.qos ?? 0),
    retain: mqtt?.retain ?? false,
  };
}

// Only what is said is sent, so that the server's defaults hold for the rest.
export function specOf(draft: Draft, before?: Subscription): Subscription {
  const text = (name: string, value: string) => (value.trim() ? { [name]: value.trim() } : {});
  const many = (name: string, value: string) =>
    (list(value).length ? { [name]: list(value) } : {});
  return {
    id: draft.id.trim(),
    ...text('description', draft.description),
    ...(draft.enabled ? {} : { enabled: false }),
    filter: {
      ...text('twins', draft.twins), ...text('model', draft.model), ...text('root', draft.root),
      ...(draft.root.trim() ? many('along', draft.along) : {}),
      ...(draft.root.trim() && draft.incoming ? { incoming: true } : {}),
      ...text('where', draft.where), ...many('properties', draft.properties),
      events: draft.events,
    },
    when: draft.everyUpdate ? 'every_update' : 'on_change',
    ...(Number(draft.deadband) > 0 ? { deadband: Number(draft.deadband) } : {}),
    ...text('min_interval', draft.interval),
    ...(draft.initial ? { initial: true } : {}),
    ...many('enrich', draft.enrich),
    ...(before?.queue ? { queue: before.queue } : {}),
    ...(draft.mqtt ? {
      deliver: {
        mqtt: {
          topic: draft.topic.trim(), qos: Number(draft.qos),
          ...(draft.retain ? { retain: true } : {}),
        },
      },
    } : {}),
  };
}

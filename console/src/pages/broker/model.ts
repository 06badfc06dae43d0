import { keepPreviousData, useQuery, type QueryClient } from '@tanstack/react-query';
import { getJson, query, seg, type Schemas } from '~/lib/api';

// The broker's objects as the API gives them, and the queries that fetch them.
export type Overview = Schemas['MqttOverview'];
export type Client = Schemas['MqttClient'];
export type ClientDetail = Schemas['MqttClientDetail'];
export type Subscription = Schemas['MqttSubscription'];
export type Retained = Schemas['RetainedMessage'];
export type Ban = Schemas['MqttBan'];
export type BanSpec = Schemas['MqttBanSpec'];
export type Trace = Schemas['MqttTrace'];
export type TraceSpec = Schemas['MqttTraceSpec'];
export type TraceRecord = Schemas['MqttTraceRecord'];
export type Levels = Schemas['TopicLevelList'];

export interface Page<T> {
  items: T[];
  next?: string | null;
}

export const base = '/api/v1/mqtt';
export const clientUrl = (id: string): string => `${base}/clients/${seg(id)}`;
export const pageRows = 100;

const key = 'broker';
export const refresh = (client: QueryClient): Promise<void> =>
  client.invalidateQueries({ queryKey: [key] });

export const useOverview = () =>
  useQuery({
    queryKey: [key, 'overview'],
    queryFn: ({ signal }) => getJson<Overview>(base, { signal }),
    refetchInterval: 2000,
  });

// One page of a list that the server searches and pages through.
export const usePage = <T>(
  what: string, parameters: Record<string, string | number | boolean | undefined>, everyMs = 3000,
) =>
  useQuery<Page<T>>({
    queryKey: [key, what, parameters],
    queryFn: ({ signal }) => getJson<Page<T>>(`${base}/${what}${query(parameters)}`, { signal }),
    refetchInterval: everyMs,
    placeholderData: keepPreviousData,
  });

export const useClient = (id: string) =>
  useQuery({
    queryKey: [key, 'client', id],
    queryFn: ({ signal }) => getJson<ClientDetail>(clientUrl(id), { signal }),
    enabled: id !== '',
    // One that is gone is not asked for again by itself.
    refetchInterval: (of) => (of.state.error ? false : 2000),
    retry: false,
  });

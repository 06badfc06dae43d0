import { useQuery } from '@tanstack/react-query';
import { getJson } from '~/lib/api';

export interface SubscriptionFilter {
  twins?: string;
  model?: string;
  root?: string;
  along?: string[];
  incoming?: boolean;
  where?: string;
  properties?: string[];
  events?: string[];
}

export interface Subscription {
  id: string;
  description?: string;
  enabled?: boolean;
  filter?: SubscriptionFilter;
  when?: 'on_change' | 'every_update';
  deadband?: number;
  min_interval?: string;
  initial?: boolean;
  enrich?: string[];
  deliver?: 'none' | { mqtt: { topic: string; qos?: number; retain?: boolean } };
  queue?: number;
  revision?: number;
  updated_at?: string;
  updated_by?: string;
  status?: 'working' | 'disabled' | 'failed';
  problem?: string;
}

export interface Figures {
  matched: number;
  delivered: number;
  dropped: number;
  throttled: number;
  suppressed: number;
  rejected: number;
  failed: number;
  refused: number;
  slots: number;
  queued: number;
  readers: number;
  last_event_at?: string | null;
  last_error?: string;
}

export interface TestAnswer {
  twins: number;
  slots: Record<string, number>;
  points: Record<string, unknown>;
  where?: Record<string, unknown>;
  test_event: { sent?: boolean; readers?: number; undelivered?: number };
  findings: string[];
}

export const useSubscriptions = () =>
  useQuery({
    queryKey: ['twin-subscriptions'],
    queryFn: () => getJson<{ items: Subscription[] }>('/api/v1/twin/subscriptions')
      .then((list) => list.items),
    refetchInterval: 15_000,
  });

export const useFigures = () =>
  useQuery({
    queryKey: ['twin-subscription-figures'],
    queryFn: () => getJson<Record<string, Figures>>('/api/v1/twin/subscriptions/figures'),
    refetchInterval: 3000,
  });

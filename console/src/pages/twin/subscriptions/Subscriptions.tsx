import type { ReactNode } from 'react';

export function Subscriptions(): ReactNode {
  return null;
}

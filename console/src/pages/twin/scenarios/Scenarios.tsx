import type { ReactNode } from 'react';

export function Scenarios(): ReactNode {
  return null;
}

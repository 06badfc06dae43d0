import type { ReactNode } from 'react';

export function North(): ReactNode {
  return null;
}

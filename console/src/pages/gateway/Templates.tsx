import type { ReactNode } from 'react';

export function Templates(): ReactNode {
  return null;
}

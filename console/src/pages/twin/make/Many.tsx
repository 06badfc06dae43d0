import type { ReactNode } from 'react';

export function Many(): ReactNode {
  return null;
}

import type { ReactNode } from 'react';

export function PointTree(): ReactNode {
  return null;
}

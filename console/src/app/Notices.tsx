import { Notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import '~/styles';

// Where short notices appear: "saved", "undo".
export default function Notices(): ReactNode {
  return <Notifications position="bottom-right" autoClose={6000} limit={4} />;
}

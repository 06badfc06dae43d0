import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { capsOn } from './rules';
import { words } from './words';

// A password's field, which says when caps lock is on: the usual reason of a wrong one.
export function Secret(props: PasswordInputProps): ReactNode {
  const t = words.use();
  const [caps, setCaps] = useState(false);
  const look = (event: KeyboardEvent) => setCaps(capsOn(event));
  return (
    <div onKeyDown={look} onKeyUp={look} onBlur={() => setCaps(false)}>
      <PasswordInput {...props}
        visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }} />
      <div role="status" className="hw-dim" style={{ fontSize: 12 }}>
        {caps ? `△ ${t('caps')}` : ''}</div>
    </div>
  );
}

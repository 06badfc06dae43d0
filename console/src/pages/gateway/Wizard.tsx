import { Stepper } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import styles from './gateway.module.css';
import { useDevice, type Group } from './model';
import { useParams } from './useParam';
import { WizardConnect } from './WizardConnect';
import { WizardDriver } from './WizardDriver';
import { WizardGroup } from './WizardGroup';
import { WizardTags } from './WizardTags';
import { WizardValues } from './WizardValues';
import { words } from './words';

const firstGroup: Group = { name: 'main', interval_ms: 1000, tags: [] };

// A device in five steps. It is made at the second one, when its connection is tested: what comes
// after is tried against the real thing. `made` of the address is its name: a reload goes on.
export function Wizard(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const made = get('made');
  const device = useDevice(made);
  const step = Math.min(made ? 4 : 1, Math.max(0, Number(get('step')) || 0));
  const [driver, setDriver] = useState(get('driver'));
  const [group, setGroup] = useState<Group | null>(null); // null: not chosen yet
  const go = (next: number, change: Record<string, string | null> = {}) =>
    set({ ...change, step: next ? String(next) : null });
  const chosen = device.data?.driver ?? driver;
  const saved = device.data?.groups[0];
  const current = group ? { ...group, tags: saved?.tags ?? [] } : saved ?? firstGroup;
  return (
    <div className={styles.wizard}>
      <Stepper active={step} size="xs" iconSize={28}
        onStepClick={(next) => {
          if (next < step && (next > 0 || !made)) go(next);
        }}>
        {(['driver', 'connect', 'group', 'tags', 'values'] as const).map((name) => (
          <Stepper.Step key={name} label={t(`step_${name}`)}
            description={t(`stepText_${name}`)} />))}
      </Stepper>
      {step === 0 && (
        <WizardDriver chosen={driver} onChoose={(name) => {
          setDriver(name);
          go(1, { driver: name });
        }} />)}
      {step === 1 && chosen && (!made || device.data) && (
        <WizardConnect driverName={chosen}
          device={made ? device.data : undefined} onBack={() => go(0)}
          onMade={(name) => set({ made: name })}
          onNext={() => go(2)} />)}
      {step === 2 && (
        <WizardGroup group={current} onBack={() => go(1)} onNext={(next) => {
          setGroup(next);
          go(3);
        }} />)}
      {step === 3 && device.data && (
        <WizardTags device={device.data} group={current}
          onBack={() => go(2)} onNext={() => go(4)} />)}
      {step === 4 && device.data && (
        <WizardValues device={device.data} onBack={() => go(3)}
          onOpen={() => set({ new: null, made: null, step: null, driver: null,
            device: device.data.name }, true)} />)}
    </div>
  );
}

import { Autocomplete } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode } from 'react';
import { getJson, query } from '~/lib/api';
import { searchText, type Page, type Twin } from './data';

// Twins by the beginning of their ids, or by a part of id or name among the first 5,000.
async function candidates(text: string, model: string | undefined): Promise<string[]> {
  const page = await getJson<Page<Twin>>(
    `/api/v1/twins${query({ values: false, limit: 5000, model })}`);
  const wanted = text.toLowerCase();
  return page.items
    .filter((twin) => searchText(twin).includes(wanted))
    .slice(0, 50).map((twin) => twin.id);
}

export function TwinPicker({ label, value, onChange, model, error, required, description }: {
  label: string; value: string; onChange: (id: string) => void; model?: string; error?: string;
  required?: boolean; description?: string;
}): ReactNode {
  const [wanted] = useDebouncedValue(value, 200);
  const found = useQuery({
    queryKey: ['twin-candidates', wanted, model ?? ''],
    queryFn: () => candidates(wanted, model), staleTime: 30_000,
  });
  return (
    <Autocomplete label={label} value={value} onChange={onChange} data={found.data ?? []}
      error={error} required={required} description={description} limit={50}
      filter={({ options }) => options} />
  );
}

// Reads an Arrow IPC stream from standard input with Apache Arrow's own reader and prints its
// schema and rows as JSON.
import { RecordBatchReader } from 'apache-arrow';

const chunks = [];
for await (const chunk of process.stdin)
  chunks.push(chunk);
const reader = RecordBatchReader.from(Buffer.concat(chunks));
const rows = [];
let schema = null;
for (const batch of reader) {
  schema = batch.schema;
  for (const row of batch)
    rows.push(row.toJSON());
}
schema ??= reader.schema;
console.log(JSON.stringify({
  schema: schema.fields.map((field) => [field.name, String(field.type)]),
  rows,
}, (key, value) => typeof value === 'bigint' ? String(value) : value));

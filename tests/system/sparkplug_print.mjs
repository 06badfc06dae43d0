// Prints, as JSON, the first COUNT messages that come on a filter, Sparkplug payloads read by
// Eclipse Tahu's decoder for JavaScript.
// usage: node sparkplug_print.mjs PORT FILTER COUNT

import mqtt from 'mqtt';
import sparkplug from 'sparkplug-payload';

const [port, filter, count] = process.argv.slice(2);
const codec = sparkplug.get('spBv1.0');
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 });
const got = [];
client.on('message', (topic, bytes, { retain }) => {
  const { seq, metrics } = codec.decodePayload(bytes);
  got.push({ topic, retain, seq: Number(seq), metrics: metrics.map((metric) => ({
    ...metric, timestamp: Number(metric.timestamp), alias: Number(metric.alias),
    value: typeof metric.value === 'object' ? Number(metric.value) : metric.value,
  })) });
  if (got.length < Number(count)) return;
  console.log(JSON.stringify(got));
  client.end(true);
});
client.on('connect', () => client.subscribe(filter, { qos: 1 }));
setTimeout(() => process.exit(1), 60000).unref();

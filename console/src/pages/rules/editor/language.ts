import { SQLDialect } from '@codemirror/lang-sql';

// The words of the language of rules (docs/sql.md), for colours and completion.
export const clauses = [
  'SELECT', 'FROM', 'WHERE', 'GROUP BY', 'HAVING', 'ORDER BY', 'LIMIT', 'FOREACH', 'DO', 'INCASE',
  'INNER JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'CROSS JOIN', 'ON', 'AS', 'AND', 'OR',
  'NOT', 'IN', 'LIKE', 'BETWEEN', 'IS NULL', 'IS NOT NULL', 'CASE', 'WHEN', 'THEN', 'ELSE', 'END',
  'EXCEPT', 'REPLACE', 'INVISIBLE', 'FILTER (WHERE', 'OVER (PARTITION BY', 'OVER (WHEN',
  'DISTINCT', 'ASC', 'DESC', 'TRUE', 'FALSE', 'NULL',
];

export const windows = [
  ['TUMBLINGWINDOW', '(ss, 10)'], ['HOPPINGWINDOW', '(ss, 10, 5)'], ['SLIDINGWINDOW', '(ss, 10)'],
  ['SESSIONWINDOW', '(mi, 10, 5)'], ['COUNTWINDOW', '(5)'], ['STATEWINDOW', '(begin, end)'],
] as const;

const keywords = 'select from where group by having order limit foreach do incase inner left right '
  + 'full cross outer join on as and or not in like between is case when then else end except '
  + 'replace invisible filter over partition distinct asc desc div mod create stream table with '
  + windows.map(([name]) => name.toLowerCase()).join(' ');
const types = 'bigint float string datetime boolean bytea array struct dd hh mi ss ms';

// Both dialects: "x" is a text or an MQTT filter in either, `x` a name.
export const ruleDialect = (functions: string[]) => SQLDialect.define({
  keywords, types, builtin: functions.join(' '), doubleQuotedStrings: true, identifierQuotes: '`',
  operatorChars: '*+-%<>!=&|^~/',
});

// What the events of a source have beside what is in them.
export const columnsOf = {
  message: ['topic', 'payload', 'clientid', 'username', 'qos', 'flags', 'timestamp', 'id',
    'peerhost', 'publish_received_at'],
  points: ['topic', 'value', 'quality', 'time', 'timestamp', 'unit'],
  events: ['event', 'clientid', 'username', 'reason', 'device', 'driver', 'timestamp', 'topic'],
} as const;

export const eventTopics = [
  'client/connected', 'client/disconnected', 'client/connack', 'client/ping',
  'session/subscribed', 'session/unsubscribed', 'message/delivered', 'message/acked',
  'message/dropped', 'message/delivery_dropped', 'auth/check_authn_complete',
  'auth/check_authz_complete', 'schema_validation/failed', 'message_transformation/failed',
  'sys/alarm_activated', 'sys/alarm_deactivated', 'device/link_up', 'device/link_down',
].map((name) => `$events/${name}`);

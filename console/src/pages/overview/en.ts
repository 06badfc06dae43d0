export const en = {
  title: 'Overview', supply: 'Supply', demand: 'Demand', storage: 'Storage',
  pressure: 'Lowest pressure', turbidity: 'Turbidity', chlorine: 'Least chlorine',
  energy: 'Energy', trend: 'Trend of {{name}}', toPlant: 'Open the plant',
  abnormal: '{{count}} outside normal', normal: 'all normal',
  doubtful: '{{count}} not up to date or doubtful', noMeasures: 'Its twins have no ' +
    'values yet: bind them to points on the twin page.',
  devices: 'Devices', devicesUp: '{{up}} of {{all}} up', noDevices: 'none',
  messages: 'Messages', samples: 'Samples', perSecond: '/s', commit: 'Commit', lag: 'Newest value',
  lagHelp: 'How old the newest value is that the server has committed.',
  commitHelp: 'Mean time from a value’s arrival in history until it is on disk.',
  rules: 'Rules', rulesRunning: '{{up}} of {{all}} run', points: 'Points',
  pointsBad: '{{count}} bad', pointsStale: '{{count}} stale', pointsGood: 'none bad or stale',
  changes: 'What changed', changesIn: 'in the last {{time}}', noChanges: 'Nothing was changed.',
  noChangesHelp: 'Changes of devices, rules, twins and set-points appear here, with who made them.',
  failed: 'failed', more: 'There is more; the audit has all.', troubles: 'Trouble',
  noTroubles: 'Nothing is amiss.', deviceDown: 'Device down', ruleFailing: 'Rule does not run',
  pointBad: 'Bad value', pointStale: 'Stale value', othersAlike: 'and {{count}} more like it',
  period: 'Period', since: 'since {{time}}', by: 'by {{name}}', site: 'Site {{name}}',
  emptyTitle: 'No data yet',
  emptyText: 'Publish a value over MQTT, or read a device: what comes is ' +
    'kept and shown here within a second.', emptyAction: 'Add a device',
  noTwinsTitle: 'Points, but no twins yet',
  noTwinsText: 'Twins make a site of points: tiles with ' +
    'supply, storage, pressure and quality. A template makes them from the points’ names.',
  noTwinsAction: 'Make twins by template', next: 'Next site', previous: 'Previous site',
  ofSites: '{{at}} of {{all}}', kept: 'no history',
  table: 'Measures of {{name}}',
};

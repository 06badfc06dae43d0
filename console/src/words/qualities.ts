import { defineWords } from '~/lib/words';

// Qualities as the server names them ("bad.not_connected", after OPC UA), for people.
const en = {
  good: 'good', good_local_override: 'overridden', uncertain: 'uncertain',
  uncertain_last_usable: 'last usable', uncertain_substitute: 'substitute',
  uncertain_sensor_not_accurate: 'sensor inaccurate',
  uncertain_engineering_units_exceeded: 'range exceeded', uncertain_sub_normal: 'sub-normal',
  bad: 'bad', bad_communication: 'no communication', bad_timeout: 'no answer in time',
  bad_waiting_for_initial_data: 'waiting for data', bad_not_connected: 'not connected',
  bad_device_failure: 'device failure', bad_sensor_failure: 'sensor failure',
  bad_out_of_service: 'out of service', bad_configuration: 'wrong configuration',
  bad_out_of_range: 'out of range',
};

const words = defineWords('qualities', en, {
  good: '正常', good_local_override: '就地强制', uncertain: '不确定',
  uncertain_last_usable: '最后可用值', uncertain_substitute: '替代值',
  uncertain_sensor_not_accurate: '传感器失准',
  uncertain_engineering_units_exceeded: '超出量程', uncertain_sub_normal: '来源不足',
  bad: '坏值', bad_communication: '通信故障', bad_timeout: '应答超时',
  bad_waiting_for_initial_data: '等待首个值', bad_not_connected: '未连接',
  bad_device_failure: '设备故障', bad_sensor_failure: '传感器故障',
  bad_out_of_service: '停止服务', bad_configuration: '配置错误',
  bad_out_of_range: '超出范围',
});

const isKnown = (name: string): name is keyof typeof en => Object.hasOwn(en, name);

// A code that has no name ("bad.0x8123") as it is.
export function qualityText(quality: string): string {
  const name = quality.replace('.', '_');
  return isKnown(name) ? words.now(name) : quality;
}

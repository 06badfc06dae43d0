import { defineWords } from '~/lib/words';

// What kind of problem it is, by the stable `code` of the server's answer. The detail under it is
// the server's own sentence, in English.
const en = {
  invalid_argument: 'Not accepted', not_found: 'Not found', conflict: 'Conflict',
  limit_exceeded: 'Over a limit', permission_denied: 'Not allowed', out_of_scope: 'Not allowed',
  corrupt: 'Data are damaged', io_failed: 'Disk or network failed', no_space: 'The disk is full',
  unavailable: 'Not available now', timed_out: 'No answer in time', unsupported: 'Not supported',
  cancelled: 'Cancelled', unauthenticated: 'Not signed in', unclaimed: 'No administrator yet',
  wrong_credentials: 'Name or password is wrong', too_many_attempts: 'Too many attempts',
};

const words = defineWords('problems', en, {
  invalid_argument: '输入有误', not_found: '不存在', conflict: '有冲突',
  limit_exceeded: '超出上限', permission_denied: '没有权限', out_of_scope: '没有权限',
  corrupt: '数据已损坏', io_failed: '磁盘或网络故障', no_space: '磁盘已满',
  unavailable: '暂不可用', timed_out: '应答超时', unsupported: '不支持',
  cancelled: '已取消', unauthenticated: '未登录', unclaimed: '还没有管理员',
  wrong_credentials: '用户名或密码错误', too_many_attempts: '尝试次数过多',
});

const isKnown = (code: string): code is keyof typeof en => Object.hasOwn(en, code);

export const problemTitle = (code: string): string | undefined =>
  (isKnown(code) ? words.now(code) : undefined);

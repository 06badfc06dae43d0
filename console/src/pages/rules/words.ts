import { defineWords } from '~/lib/words';
import { en } from './en';
import { zh } from './zh';

export const words = defineWords('rules', en, zh);
export type T = ReturnType<typeof words.use>;

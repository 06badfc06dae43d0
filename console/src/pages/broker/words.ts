import { defineWords } from '~/lib/words';
import { en } from './en';
import { zh } from './zh';

export const words = defineWords('broker', en, zh);
export type T = typeof words.now;

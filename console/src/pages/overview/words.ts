import { defineWords } from '~/lib/words';
import { en } from './en';
import { zh } from './zh';

export const words = defineWords('overview', en, zh);

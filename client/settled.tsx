/** What the screen shows once Today is judged: a chunk of its own, so that the first number does not wait for it. */
export { Ending } from './idle/ending.tsx';
export { watchIdle } from './idle/idle.ts';
export { Over } from './over.tsx';
export { adopt } from './style/adopt.ts';
export { Cards, Earlier } from './today/cards.tsx';
export { EverythingElse } from './today/everything-else.tsx';

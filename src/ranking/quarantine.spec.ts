import { Quarantine } from './quarantine.js';

it('keeps the first reason of a model, and knows no other model', () => {
  const quarantine = new Quarantine([{ sha256: 'a', reason: 'first' }]);
  expect(quarantine.add({ sha256: 'a', reason: 'second' })).toBe(false);
  expect(quarantine.reasonFor('a')).toBe('first');
  expect(quarantine.reasonFor('b')).toBeUndefined();
});

it('is bounded: the one that came first goes first', () => {
  const models = Array.from({ length: 65 }, (_, n) => ({ sha256: `s${n}`, reason: `r${n}` }));
  expect(new Quarantine(models).list()).toEqual(models.slice(1));
});

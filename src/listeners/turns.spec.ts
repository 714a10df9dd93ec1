import { Turns, TurnsFullError } from './turns.js';

function gate(): { readonly opened: Promise<null>; open: (value: null) => void } {
  const { promise: opened, resolve: open } = Promise.withResolvers<null>();
  return { opened, open };
}

test('one at a time for a key, in order, whatever fails; other keys do not wait', async () => {
  const turns = new Turns({ perKey: 10, total: 20 });
  const first = gate();
  const order: string[] = [];
  const a = turns.take('a', async () => {
    await first.opened;
    order.push('a1');
    throw new Error('failed');
  });
  const a2 = turns.take('a', () => Promise.resolve(order.push('a2')));
  const a3 = turns.take('a', () => Promise.resolve(order.push('a3')));
  await turns.take('b', () => Promise.resolve(order.push('b1')));
  first.open(null);
  await expect(a).rejects.toThrow('failed');
  await Promise.all([a2, a3]);
  expect(order).toEqual(['b1', 'a1', 'a2', 'a3']);
});

test('too many for a key, or in all, are refused, and room comes back', async () => {
  const turns = new Turns({ perKey: 2, total: 3 });
  const held = gate();
  const taken = ['a', 'a', 'b'].map((key) => turns.take(key, () => held.opened));
  await expect(turns.take('a', () => Promise.resolve())).rejects.toBeInstanceOf(TurnsFullError);
  await expect(turns.take('c', () => Promise.resolve())).rejects.toBeInstanceOf(TurnsFullError);
  held.open(null);
  await Promise.all(taken);
  await new Promise(setImmediate);
  await Promise.all(['a', 'a', 'c'].map((key) => turns.take(key, () => Promise.resolve())));
});

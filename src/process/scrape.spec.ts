import { SCRAPE_KEPT_MS, sharedScrape } from './scrape.js';

it('makes one text for all who ask at the same time or shortly after', async () => {
  let nowMs = 0;
  let made = 0;
  const scrape = sharedScrape(
    () => Promise.resolve(`text ${++made}`),
    () => nowMs,
  );
  expect(await Promise.all([scrape(), scrape()])).toEqual(['text 1', 'text 1']);
  nowMs += SCRAPE_KEPT_MS - 1;
  expect(await scrape()).toBe('text 1');
  nowMs += 1;
  expect(await scrape()).toBe('text 2');
});

it('asks again after a failure', async () => {
  let made = 0;
  const scrape = sharedScrape(
    () => (++made === 1 ? Promise.reject(new Error('down')) : Promise.resolve('text')),
    () => 0,
  );
  await expect(Promise.all([scrape(), scrape()])).rejects.toThrow('down');
  expect(await scrape()).toBe('text');
});

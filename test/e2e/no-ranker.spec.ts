import { recommend } from './clients.js';
import { startService, type Service } from '../service.js';

let service: Service;

beforeAll(async () => {
  service = await startService({ SEGUE_PROCESSES: '1', SEGUE_RANKER: 'nobody' });
}, 150_000);

afterAll(() => service.stop());

it('a ranker that no bundle has is named in the log and in each answer, and the first phase serves', async () => {
  const { serving } = await recommend(service, { listenerId: 'l00042', surface: 'radio', budgetMs: 2000 });
  expect(serving).toMatchObject({ ranker: 'first-phase', degradation: { level: 'light' } });
  expect(service.said()).toContain('there is no model nobody in models; train with');
});

/** One schema, parsed once, frozen; the only reader of process.env (OTEL_* aside). */
import { z } from 'zod';

const schema = z.object({});

export type Config = z.infer<typeof schema>;

/** What the program that reads from Bigtable is told and tells. */

export interface BigtableOptions {
  /** Ours as it serves, but for rows of listeners in memory; ours with nothing in memory; Google's client. */
  readonly client: 'ours' | 'nothing-kept' | 'plain';
  readonly emulatorHost: string;
  readonly projectId: string;
  readonly instanceId: string;
  readonly bodies: readonly string[];
  readonly requests: number;
  readonly inFlight: number;
}

export interface BigtableReport {
  /** Of the client's process. */
  readonly cpuMicrosPerRequest: number;
  readonly requestsPerSecond: number;
}

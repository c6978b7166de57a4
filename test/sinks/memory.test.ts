import { MemorySink } from '../../src/sinks/memory.ts';
import { testSink } from './contract.ts';

testSink(
  'MemorySink',
  async () => {
    const sink = new MemorySink();
    return { sink, arrived: () => sink.events.map((event) => JSON.parse(JSON.stringify(event))) };
  },
  { canFail: false },
);

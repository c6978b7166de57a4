import { MemoryBudgetStore } from '../../src/budgets/memory-budget-store.ts';
import { testBudgetStore } from './store-contract.ts';

testBudgetStore('budgets of one process', () =>
  Promise.resolve({ store: new MemoryBudgetStore(), close: () => Promise.resolve() }),
);

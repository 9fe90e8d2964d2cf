import { describe } from 'vitest'
import { openStore } from '../../../src/adapters/storage/openStore.ts'
import { allSuites } from '../../suites/allSuites.ts'

describe('in memory', () => allSuites(() => openStore({ kind: 'memory' })))

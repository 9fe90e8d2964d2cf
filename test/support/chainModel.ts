import type { AccreditationChain } from '../../src/accreditation/model.ts'
import { linkOf, zeroLink } from '../../src/anchor/link.ts'
import type { AnchorRecord } from '../../src/anchor/model.ts'
import { OutsideError } from '../../src/errors.ts'
import type { DepartmentRecord, KeyRecord } from '../../src/identity/model.ts'
import type { Chain, ChainView } from '../../src/ports/chain.ts'
import type { AnchorCall, AnchorWriter, SignedTransaction } from '../../src/ports/chainWriters.ts'
import { isAllowedWord } from '../../src/status/word.ts'

/** What the contracts keep; a copy of it stands under every block. */
type State = {
  departments: Map<string, DepartmentRecord>
  keys: Map<string, KeyRecord>
  /** By `<department> <type>`. */
  accreditations: Map<string, AccreditationChain[]>
  anchors: Map<string, AnchorRecord[]>
  /** By `<issuer> <list> <word>`. */
  words: Map<string, bigint>
  nonces: Map<string, number>
}

type Block = { number: number; hash: string; time: Date; state: State; transactions: Sent[] }
type Sent = { account: string; nonce: number; call: AnchorCall }

/** How the model misbehaves; each is asked once a call. */
export type Faults = {
  /** The transaction arrives, the answer does not. */
  loseReply?: () => boolean
  /** The transaction never arrives, and the answer neither. */
  dropTransaction?: () => boolean
  isDown?: () => boolean
}

/**
 * The rules of AnchorRegistry, StatusRegistry and DepartmentRegistry as far as an issuer meets them,
 * with blocks, a pool, finality and reorganisations. Time is one second a block.
 */
export type ChainModel = ReturnType<typeof chainModel>

export function chainModel(options: { finality?: number; start?: Date; faults?: Faults } = {}) {
  const { finality = 2, start = new Date('2026-01-05T00:00:00Z'), faults = {} } = options
  let salt = 0
  let pool: Sent[] = []
  /** Every sequence that some block ever anchored, to count doubles by leaf roots. */
  const blocks: Block[] = [
    {
      number: 0,
      hash: '0x00',
      time: start,
      state: {
        departments: new Map(),
        keys: new Map(),
        accreditations: new Map(),
        anchors: new Map(),
        words: new Map(),
        nonces: new Map(),
      },
      transactions: [],
    },
  ]
  const head = () => blocks.at(-1)!
  let lastFinal = 0
  const finalBlock = () => {
    lastFinal = Math.max(lastFinal, head().number - finality)
    return blocks[lastFinal]!
  }
  const requireUp = () => {
    if (faults.isDown?.()) throw new OutsideError('chain/unreachable')
  }

  function mine(count = 1): void {
    for (let i = 0; i < count; i += 1) {
      const before = head()
      const number = before.number + 1
      const block: Block = {
        number,
        hash: `0x${(++salt).toString(16).padStart(64, '0')}`,
        time: new Date(start.getTime() + number * 1000),
        state: copyOf(before.state),
        transactions: [],
      }
      for (const sent of [...pool].sort((a, b) => a.nonce - b.nonce)) {
        const next = block.state.nonces.get(sent.account) ?? 0
        if (sent.nonce > next) continue
        pool = pool.filter((one) => one !== sent)
        if (sent.nonce < next) continue
        block.state.nonces.set(sent.account, next + 1)
        block.transactions.push(sent)
        execute(block, sent)
      }
      blocks.push(block)
      finalBlock()
    }
  }

  /** Takes the newest blocks away, never a final one; what stood in them waits again, unless lost. */
  function reorganise(depth: number, isLost: () => boolean = () => false): number {
    const count = Math.min(depth, head().number - finalBlock().number)
    const gone = count === 0 ? [] : blocks.splice(-count)
    for (const sent of gone.flatMap((block) => block.transactions)) {
      if (!isLost()) pool.push(sent)
    }
    return count
  }

  /** Changes the registries in a block of its own, which becomes final at once. */
  function govern(change: (state: State, time: Date) => void): void {
    mine(1)
    change(head().state, head().time)
    mine(finality)
  }

  const chain: Chain = {
    identity: {
      chainId: 7_310,
      genesisHash: `0x${'11'.repeat(32)}`,
      contracts: {
        didRegistry: '',
        departmentRegistry: '',
        anchorRegistry: '',
        statusRegistry: '',
      },
      codeHashes: {
        didRegistry: '',
        departmentRegistry: '',
        anchorRegistry: '',
        statusRegistry: '',
      },
    },
    view: async () => {
      requireUp()
      return viewOf(finalBlock())
    },
    prove: async () => {
      throw new OutsideError('chain/unreachable')
    },
  }

  function writer(account: string): AnchorWriter {
    return {
      async prepare(call) {
        requireUp()
        const trial: Block = { ...head(), number: head().number + 1, state: copyOf(head().state) }
        trial.time = new Date(start.getTime() + trial.number * 1000)
        const nonce = head().state.nonces.get(account) ?? 0
        if (!execute(trial, { account, nonce, call })) throw new OutsideError('chain/would-revert')
        return { raw: encode({ account, nonce, call }), hash: `0x${nonce}`, nonce }
      },
      async send(transaction: SignedTransaction) {
        requireUp()
        if (faults.dropTransaction?.()) throw new OutsideError('chain/unreachable')
        const sent = decode(transaction.raw)
        const isSpent = sent.nonce < (head().state.nonces.get(account) ?? 0)
        const isKnown = pool.some((one) => one.account === account && one.nonce === sent.nonce)
        if (!isSpent && !isKnown) pool.push(sent)
        if (faults.loseReply?.()) throw new OutsideError('chain/unreachable')
      },
      nonce: async () => finalBlock().state.nonces.get(account) ?? 0,
      async latest(issuer) {
        requireUp()
        return lastOf(head(), issuer)
      },
    }
  }

  /** Registers a department with one key, accredited for these types (`0x` names) by a root. */
  function admit(department: string, thumbprint: string, types: readonly string[]): void {
    govern((state, time) => {
      const record = { account: department, registeredAt: time, removedAt: undefined }
      state.departments.set(department, { department, accreditor: root, ...record })
      addKey(state, time, department, thumbprint)
      for (const type of types) grant(state, time, department, type)
    })
  }

  return {
    chain,
    writer,
    mine,
    reorganise,
    govern,
    admit,
    head,
    faults,
    pool: () => pool,
    clearPool: () => {
      pool = []
    },
    finalBlock,
    /** Anchors at the newest block. */
    anchors: (issuer: string) => head().state.anchors.get(issuer) ?? [],
    word: (issuer: string, list: number, word: number) =>
      head().state.words.get(`${issuer} ${list} ${word}`) ?? 0n,
    /** The same word after each block from the first. */
    wordHistory: (issuer: string, list: number, word: number) =>
      blocks.map((block) => ({
        block,
        value: block.state.words.get(`${issuer} ${list} ${word}`) ?? 0n,
      })),
  }
}

const root = `0x${'aa'.repeat(20)}`

export function addKey(state: State, time: Date, department: string, thumbprint: string): void {
  state.keys.set(thumbprint, {
    department,
    thumbprint,
    purpose: 'assertion',
    certificateHash: `0x${'22'.repeat(32)}`,
    validFrom: time,
    retiredAt: undefined,
    compromisedSince: undefined,
  })
}

export function grant(state: State, time: Date, department: string, type: string): void {
  const until = new Date('2036-01-01T00:00:00Z')
  const link = { certificateType: type, index: 0, from: time, until, withdrawnAt: undefined }
  state.accreditations.set(`${department} ${type}`, [
    [
      {
        ...link,
        department,
        rights: ['issue'],
        depth: 1,
        by: { department: root, index: 0 },
        removedAt: undefined,
      },
      {
        ...link,
        department: root,
        rights: ['issue', 'accredit'],
        depth: 0,
        by: undefined,
        removedAt: undefined,
      },
    ],
  ])
}

export function withdraw(state: State, time: Date, department: string, type: string): void {
  const key = `${department} ${type}`
  const chains = state.accreditations.get(key) ?? []
  state.accreditations.set(
    key,
    chains.map(([first, ...rest]) => [{ ...first!, withdrawnAt: time }, ...rest]),
  )
}

function viewOf(block: Block): ChainView {
  const { state } = block
  return {
    block: { number: block.number, hash: block.hash, time: block.time },
    department: async (address) => state.departments.get(address),
    key: async (thumbprint) => state.keys.get(thumbprint),
    accreditations: async (department, type) =>
      state.accreditations.get(`${department} ${type}`) ?? [],
    lastAnchor: async (issuer) => lastOf(block, issuer),
    anchor: async (issuer, sequence) => state.anchors.get(issuer)?.[sequence - 1],
    statusWord: async (issuer, list, word) => state.words.get(`${issuer} ${list} ${word}`) ?? 0n,
  }
}

function lastOf(block: Block, issuer: string): { sequence: number; link: string } {
  const last = block.state.anchors.get(issuer)?.at(-1)
  return last === undefined
    ? { sequence: 0, link: zeroLink }
    : { sequence: last.sequence, link: linkOf(last) }
}

/** Applies a call; false where the contract would revert, and then nothing changed. */
function execute(block: Block, { account, call }: Sent): boolean {
  const { state, time } = block
  const { issuer, sequence, previous, root: batchRoot, size, changes } = call
  const department = state.departments.get(issuer)
  if (department === undefined || department.removedAt || department.account !== account)
    return false
  const holdsSome = [...state.accreditations].some(
    ([key, chains]) =>
      key.startsWith(`${issuer} `) &&
      chains.some((chain) =>
        chain.every((link) => link.withdrawnAt === undefined && time < link.until),
      ),
  )
  if (!holdsSome) return false
  const last = lastOf(block, issuer)
  if (sequence !== last.sequence + 1 || previous !== last.link) return false
  const isEmpty = /^0x0+$/.test(batchRoot)
  if (isEmpty !== (size === 0) || (isEmpty && changes.length === 0)) return false
  const words = new Map(state.words)
  for (const { list, word, value } of changes) {
    const key = `${issuer} ${list} ${word}`
    const before = words.get(key) ?? 0n
    if (!isAllowedWord(before, value)) return false
    if (isEmpty && supersedes(before, value)) return false
    words.set(key, value)
  }
  state.words = words
  const record: AnchorRecord = {
    issuer,
    sequence,
    previous,
    root: batchRoot,
    size,
    block: block.number,
    time,
  }
  state.anchors.set(issuer, [...(state.anchors.get(issuer) ?? []), record])
  return true
}

function supersedes(before: bigint, after: bigint): boolean {
  for (let entry = 0n; entry < 128n; entry += 1n) {
    const was = (before >> (2n * entry)) & 3n
    const is = (after >> (2n * entry)) & 3n
    if (is === 3n && was !== 3n) return true
  }
  return false
}

function copyOf(state: State): State {
  return {
    departments: new Map(state.departments),
    keys: new Map(state.keys),
    accreditations: new Map(state.accreditations),
    anchors: new Map(state.anchors),
    words: new Map(state.words),
    nonces: new Map(state.nonces),
  }
}

function encode(sent: Sent): string {
  return JSON.stringify(sent, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
}

function decode(raw: string): Sent {
  return JSON.parse(raw, (name, value) => (name === 'value' ? BigInt(value.slice(0, -1)) : value))
}

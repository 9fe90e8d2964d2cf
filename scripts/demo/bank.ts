import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { memoryStore } from '../../src/adapters/storage/memory.ts'
import type { JsonObject } from '../../src/credential/model.ts'
import { isWeirError } from '../../src/errors.ts'
import { askForPresentation } from '../../src/openid4vc/presentation/ask.ts'
import type { RelyingParty } from '../../src/openid4vc/presentation/model.ts'
import { takeResponse } from '../../src/openid4vc/presentation/respond.ts'
import { readResult } from '../../src/openid4vc/presentation/result.ts'
import { answerRequest } from '../../src/openid4vc/wallet/answerRequest.ts'
import { policyOf } from '../../src/wire/verifier.ts'
import { consentTo, type StoryWallet } from './clinic.ts'
import type { District } from './district.ts'

/**
 * A bank, which is no department and has no key on the chain, asks a wallet by OpenID4VP with the client
 * identifier prefix `redirect_uri`, and judges the answer from the chain and the registry node.
 *
 * @returns the verdict's outcome.
 */
export async function showToBank(
  { verifier, chain }: District,
  { client }: StoryWallet,
  queries: readonly JsonObject[],
  chosen: Readonly<Record<string, string>>,
): Promise<string> {
  const { sessions, audit } = memoryStore()
  const server = createServer(async (request, response) => {
    const handle = (request.url ?? '').split('/').at(-1)!
    const form = Object.fromEntries(new URLSearchParams(await text(request)))
    const status = await takeResponse(bank, handle, form).then(
      ({ isAccepted }) => (isAccepted ? 200 : 400),
      (error) => (isWeirError(error) ? 400 : 500),
    )
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const bank: RelyingParty = {
    department: 'bank',
    name: 'Sample bank',
    verifier,
    policyOf: (at, question) => policyOf(chain, at, question),
    sessions,
    audit,
    sealer: inMemory(),
    signer: undefined,
    baseUrl: new URL(`http://127.0.0.1:${port}`),
    clock: () => new Date(),
  }
  try {
    const { id, uri } = await askForPresentation(
      bank,
      {
        dcql: { credentials: [...queries] },
        purpose: 'Opening a business account',
        mode: 'direct_post',
        prefix: 'redirect_uri',
      },
      'account-desk',
    )
    await answerRequest(client, { requestUri: uri, disclose: consentTo(queries, chosen) })
    const { transaction } = await readResult(bank, id)
    return transaction.outcome ?? transaction.state
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

/** Keeps what it is given in memory, for as long as itself is kept. */
function inMemory(): RelyingParty['sealer'] {
  const kept = new Map<string, Uint8Array>()
  return {
    seal(_context, plain) {
      const name = randomBytes(16).toString('hex')
      kept.set(name, plain)
      return name
    },
    unseal: (_context, name) => kept.get(name)!,
  }
}

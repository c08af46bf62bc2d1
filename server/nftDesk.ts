// Implements what the admin routes need of NFTs (NftStaffService) over the runtime and the ledger's answers: orders become
// commands of the token's actor, and where a token is the ledger says.

import type { NftCommand } from '../actors/nft/commands.ts'
import type { NftInspection, NftOrder, NftStaffService } from '../actors/nft/service.ts'
import type { NftView } from '../actors/nft/state.ts'
import { actorIdOf, NFT_KIND, type Token, unclaimed } from '../actors/nft/token.ts'
import type { Answer } from '../actors/runtime/answers.ts'
import type { Runtime } from '../actors/runtime/runtime.ts'
import type { OrderOutcome, Refused, TransactionStatus } from '../actors/wallet/service.ts'
import type { WalletView } from '../actors/wallet/views.ts'
import { isNft } from '../shared/assets.ts'
import type { ErrorCode } from '../shared/errors.ts'
import { recordId, type WalletId } from '../shared/ids.ts'
import { actorKey } from '../shared/partition.ts'
import { LOCAL_CHAIN, RULES } from '../shared/rules.ts'
import type { LedgerDesk } from './ledger/ledgerDesk.ts'
import { receiptOf, refused } from './walletDesk.ts'

export interface NftDeskOptions {
  readonly runtime: Pick<Runtime, 'submit' | 'read'>
  readonly ledger: LedgerDesk
  /** A developer's own chain is none in production. */
  readonly production: boolean
  /** Called for each command with its outcome and how long its answer took. */
  readonly answered: (command: string, outcome: string, elapsedMs: number) => void
}

const STATUS: Readonly<Record<NftOrder['kind'], TransactionStatus>> = {
  mint: 'pending',
  deliver: 'pending',
  burn: 'confirmed',
}

export class NftDesk implements NftStaffService {
  private readonly options: NftDeskOptions

  constructor(options: NftDeskOptions) {
    this.options = options
  }

  async inspect(token: Token): Promise<{ readonly kind: 'ok'; readonly found: NftInspection } | Refused> {
    if (!this.isTaken(token.chain)) return refused('nft.unknown_chain')
    const id = actorIdOf(token)
    const answer = await this.options.runtime.read({ kind: NFT_KIND, id }, { kind: 'state' })
    if (answer.kind === 'refused') return refused(answer.code)
    const view = answer.view as NftView // the nft kind's view
    const found = { view, version: answer.seq, location: null, asOfMs: null, positions: [] }
    if (view.status === 'unclaimed' && view.returned !== null) {
      const { record, atMs } = view.returned
      const actor = actorKey(NFT_KIND, id)
      return {
        kind: 'ok',
        found: { ...found, location: { state: 'account', actor, account: unclaimed(id), record, atMs } },
      }
    }
    if (view.status !== 'sent' || view.sent === null) return { kind: 'ok', found }
    return this.follow(token.asset, view.sent, found)
  }

  async order(token: Token, order: NftOrder, key: string, requestId: string): Promise<OrderOutcome> {
    if (!this.isTaken(token.chain)) return refused('nft.unknown_chain')
    if (order.kind === 'burn') return this.ask(token, order, key, requestId)
    const barrier = await this.barrierOf(order.to)
    // Nobody knows what the wallet is like now: the same order may be sent again.
    if (barrier === 'unavailable' || barrier === 'overloaded') return refused(barrier)
    return this.ask(token, { ...order, barrier }, key, requestId)
  }

  private async follow(
    asset: string,
    { record, to }: NonNullable<NftView['sent']>,
    found: NftInspection,
  ): Promise<{ readonly kind: 'ok'; readonly found: NftInspection } | Refused> {
    const answer = await this.options.ledger.ask({ kind: 'whereabouts', asset, record, to: actorKey('wallet', to) })
    if (answer.kind === 'refused') return refused(answer.code)
    const { spot, asOfMs, positions } = answer
    const { state, actor, account, partition, seq, atMs } = spot
    const location = { state, actor, account, record: recordId(partition, seq), atMs }
    return { kind: 'ok', found: { ...found, location, asOfMs, positions } }
  }

  /** Why the wallet would send it back, as it is now: the wallet has the last word, and what it refuses is unclaimed (M4). */
  private async barrierOf(to: WalletId): Promise<ErrorCode | null> {
    const answer = await this.options.runtime.read({ kind: 'wallet', id: to }, { kind: 'balance' })
    if (answer.kind === 'refused') return answer.code
    const { status, assets } = answer.view as WalletView // the wallet kind's view
    if (status === 'unopened') return 'wallet.unknown_recipient'
    if (status === 'closed') return 'wallet.closed'
    const nfts = assets.filter(({ asset }) => isNft(asset)).length
    return nfts >= RULES.maxNftsPerWallet ? 'wallet.too_many_nfts' : null
  }

  private isTaken(chain: number): boolean {
    return RULES.chains.includes(chain) && !(this.options.production && chain === LOCAL_CHAIN)
  }

  private ask(token: Token, command: NftCommand & NftOrder, key: string, requestId: string): Promise<OrderOutcome> {
    const { runtime, answered } = this.options
    const startedMs = performance.now()
    return new Promise((resolve) => {
      runtime.submit({ kind: NFT_KIND, id: actorIdOf(token) }, command, { key, requestId }, (answer: Answer) => {
        answered(command.kind, answer.kind === 'done' ? 'done' : answer.code, performance.now() - startedMs)
        resolve(receiptOf(answer, STATUS[command.kind]))
      })
    })
  }
}

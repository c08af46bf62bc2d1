// What Prometheus reads after the runtime has reported.

import { expect } from 'chai'
import { createLog } from '../../server/log.ts'
import { createObserver, Metrics } from '../../server/metrics.ts'
import { Tally } from '../../server/tally.ts'

async function lines(metrics: Metrics): Promise<readonly string[]> {
  return (await metrics.render()).split('\n').filter((line) => line.startsWith('leet_'))
}

describe('metrics', () => {
  it('count commands by kind, name and outcome, and refusals by code', async () => {
    const metrics = new Metrics()
    const observer = createObserver(metrics, createLog('silent'))
    observer.answered('wallet', 'send', 'done', 2)
    observer.answered('wallet', 'send', 'done', 30)
    observer.answered('wallet', 'send', 'wallet.insufficient_funds', 1)
    observer.answered('wallet', 'deposit', 'wallet.insufficient_funds', 1)
    const labels = 'kind="wallet",command="send",outcome="done"'
    for (let scrape = 1; scrape <= 2; scrape++) {
      expect(await lines(metrics)).to.include.members([
        `leet_command_seconds_bucket{${labels},le="0.001"} 0`,
        `leet_command_seconds_bucket{${labels},le="0.0025"} 1`,
        `leet_command_seconds_bucket{${labels},le="0.025"} 1`,
        `leet_command_seconds_bucket{${labels},le="0.05"} 2`,
        `leet_command_seconds_bucket{${labels},le="+Inf"} 2`,
        `leet_command_seconds_sum{${labels}} 0.032`,
        `leet_command_seconds_count{${labels}} 2`,
        'leet_refused_total{code="wallet.insufficient_funds"} 2',
      ])
    }
  })

  it('measure batches and appends, count alarms, and read levels when asked', async () => {
    const metrics = new Metrics()
    const observer = createObserver(metrics, createLog('silent'))
    observer.committed(3, 5, 2000, 4)
    observer.alarm('journal.uncertain', { partition: 3 })
    let sockets = 7
    metrics.watch('leet_sockets', () => sockets)
    expect(await lines(metrics)).to.include.members([
      'leet_batch_records_bucket{le="4"} 0',
      'leet_batch_records_bucket{le="16"} 1',
      'leet_batch_bytes_sum 2000',
      'leet_append_seconds_bucket{le="0.005"} 1',
      'leet_alarms_total{event="journal.uncertain"} 1',
      'leet_sockets 7',
    ])
    sockets = 8
    metrics.watch('leet_sockets', () => 2 * sockets)
    expect(await lines(metrics)).to.include('leet_sockets 16')
  })

  it('keep a bounded number of label combinations', async () => {
    const tally = new Tally('t', 'help', ['a', 'b'], [1])
    for (let name = 0; name < 5000; name++) tally.observe(1, String(name), 'x')
    const counted = tally.counted()
    expect(counted).to.have.length(2001)
    expect(counted.at(-1)).to.deep.include({ labels: { a: 'other', b: 'other' }, count: 3000 })
  })
})

// The page in a real browser: two tabs of guests play for a stake while a third looks on; a lobby with hostile names and
// words; a phone's width; and neither errors nor violations of the page's policy in any of it.

import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { newTab, startBrowser, type Tab } from '../support/browser.ts'
import { call } from '../support/http.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { describeWithServers } from '../support/services.ts'
import { until } from '../support/until.ts'

const HOSTILE = '<img src=x onerror="alert(1)">'
const WITHIN_MS = 60_000

describe('files of the page', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ RATE_LIMITS: 'off' })
  })
  after(() => server.stop())
  const html = { accept: 'text/html,application/xhtml+xml' }

  it('browsers are shown the page, and programs where to go on', async () => {
    const page = await call(server.url, 'GET /', { headers: html })
    expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8')
    expect(page.text).to.include('/web/app.js')
    expect((await call(server.url, 'GET /')).body.links.document).to.equal('/openapi.json')
  })

  for (const [path, type] of [
    ['/', 'text/html; charset=utf-8'],
    ['/web/app.js', 'text/javascript; charset=utf-8'],
    ['/web/style.css', 'text/css; charset=utf-8'],
    ['/web/icon.svg', 'image/svg+xml'],
  ] as const) {
    it(`${path}: whole, by HEAD, and not again where it is known`, async () => {
      const whole = await call(server.url, `GET ${path}`, { headers: html })
      expect([whole.status, whole.headers.get('content-type')]).to.deep.equal([200, type])
      expect(whole.headers.get('cache-control')).to.equal('no-cache')
      expect(whole.headers.get('vary')).to.equal('accept')
      expect(whole.headers.get('x-content-type-options')).to.equal('nosniff')
      const etag = whole.headers.get('etag') ?? ''
      expect(etag).to.match(/^"[\w-]{22}"$/)
      const head = await call(server.url, `HEAD ${path}`, { headers: html })
      expect([head.status, head.text, head.headers.get('etag')]).to.deep.equal([200, '', etag])
      expect(head.headers.get('content-length')).to.equal(String(Buffer.byteLength(whole.text)))
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const again = await call(server.url, `GET ${path}`, { headers: { ...html, 'if-none-match': known } })
        expect([again.status, again.text, again.headers.get('etag')], known).to.deep.equal([304, '', etag])
      }
      const other = await call(server.url, `GET ${path}`, { headers: { ...html, 'if-none-match': '"x"' } })
      expect(other.status).to.equal(200)
    })
  }

  it('nothing is there but those', async () => {
    for (const name of ['main.ts', 'index.html', '..%2f..%2fpackage.json', 'tsconfig.json', 'toString', '__proto__'])
      expect((await call(server.url, `GET /web/${name}`)).status, name).to.equal(404)
  })

  it('the policy allows this server alone, and no markup made of text', async () => {
    const policy = (await call(server.url, 'GET /', { headers: html })).headers.get('content-security-policy') ?? ''
    expect(policy.split('; ')).to.include.members([
      ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "base-uri 'none'"],
      ...["frame-ancestors 'none'", "form-action 'none'", "require-trusted-types-for 'script'"],
    ])
    expect((await call(server.url, 'GET /')).headers.get('content-security-policy')).to.not.include('script-src')
  })
})

describeWithServers(['chromium'], 'the page in a browser', () => {
  let server: TestServer
  let browser: Browser
  const tabs: Tab[] = []
  before(async () => {
    server = await startTestServer({ RATE_LIMITS: 'off' })
    browser = await startBrowser()
  })
  afterEach(async () => {
    for (const { page } of tabs.splice(0)) await page.context().close()
  })
  after(async () => {
    await browser?.close()
    await server?.stop()
  })

  const guest = async (name: string, hash = '', size?: { width: number; height: number }): Promise<Page> => {
    const tab = await newTab(browser, `${server.url}/${hash}`, size)
    tabs.push(tab)
    tab.page.setDefaultTimeout(WITHIN_MS)
    await tab.page.fill('input[name=name]', name)
    await tab.page.click('text=Play as a guest')
    await tab.page.waitForSelector('#wallet')
    return tab.page
  }
  const deposit = async (page: Page): Promise<void> => {
    await page.click('#wallet >> text=Deposit')
    await page.waitForSelector('.balance:has-text("10.00 USD")')
  }
  const text = (page: Page, selector: string): Promise<string> =>
    page
      .locator(selector)
      .first()
      .textContent()
      .then((found) => found ?? '')
  const balance = (page: Page): Promise<string> => text(page, '.balance[data-asset=USD]')
  const noComplaints = (): void => {
    for (const { complaints } of tabs) expect(complaints).to.deep.equal([])
  }

  it('two queue for a stake and play a duel to its end, live to the cent', async () => {
    const [ann, ben] = [await guest('Ann'), await guest('Ben')]
    for (const page of [ann, ben]) {
      await deposit(page)
      await page.selectOption('#queue select[name=game]', 'duel bo3 1v1')
      await page.selectOption('#queue select[name=stake]', '200')
      await page.click('#queue >> button.main')
    }
    for (const page of [ann, ben]) await page.click('.offer >> text=Stake 2.00 USD')
    for (const page of [ann, ben]) await page.waitForSelector('#match[data-status=live] .duel')
    // Fire beats ice: two rounds, and it is decided.
    const over = until('it is decided', async () => ((await ann.isVisible('.word')) ? true : null), WITHIN_MS)
    const choosing = async (page: Page, element: string): Promise<void> => {
      while (!(await page.isVisible('.word')))
        await page.click(`.elements >> text=${element}`, { timeout: 1_000 }).catch(() => {})
    }
    await Promise.all([over, choosing(ann, 'fire'), choosing(ben, 'ice')])
    expect(await text(ann, '.word')).to.equal('You have won.')
    expect(await text(ben, '.word')).to.equal('You have lost.')
    await ann.waitForSelector('.paid:has-text("4.00 USD was paid to you")')
    // The pool of 4.00, with 0.50 from the platform, less its fee of 0.50.
    await until('the prize is in the wallet', async () => ((await balance(ann)).startsWith('12.00') ? true : null))
    expect(await balance(ben)).to.match(/^8\.00 USD/)
    noComplaints()
  })

  it('two play a blitz from a lobby, with words and names that are only text, and a third looks on', async () => {
    const [ann, ben] = [await guest(HOSTILE), await guest('Ben')]
    await ann.selectOption('#lobbies select[name=game]', 'arena blitz 1v1')
    await ann.click('#lobbies >> text=Open a lobby')
    const id = (await text(ann, '#lobby .code')).split(' ')[0] ?? ''
    await ben.fill('#lobbies input[name=lobby]', id)
    await ben.click('text=Go there')
    await ben.click('text=Sit here')
    await ann.waitForSelector('.seats >> text=Ben')
    expect(await text(ben, '.seats li[data-seat="0"] .who')).to.include(HOSTILE)
    await ann.fill('input[name=chat]', HOSTILE)
    await ann.click('text=Say')
    await ben.waitForSelector('#chat li')
    expect(await text(ben, '#chat li')).to.equal(`${HOSTILE}: ${HOSTILE}`)
    expect(await ben.locator('#lobby img').count()).to.equal(0)
    await ben.click('#lobby >> text=Ready')
    await ann.click('#lobby >> text="Start"')
    for (const page of [ann, ben]) await page.waitForSelector('#match[data-status=live] canvas')
    const match = await ann.getAttribute('#match', 'data-match')
    const watcher = await guest('Eve', `#watch=${match}`)
    await watcher.waitForSelector('#match[data-status=watching] canvas')
    const before = await text(ann, '.score')
    await ann.keyboard.down('KeyD')
    await ann.mouse.move(400, 400)
    await ann.mouse.down()
    await until('the clock runs', async () => ((await text(ann, '.score')) === before ? null : true))
    await until('shots are counted', async () =>
      / · ([0-9]|1[01]) of 12/.test(await text(ann, '.score')) ? true : null,
    )
    await ann.mouse.up()
    await ann.keyboard.up('KeyD')
    await until('who looks on sees the clock', async () => (/^\d+ s/.test(await text(watcher, '.score')) ? true : null))
    for (const page of [ann, ben]) await page.waitForSelector('.places', { timeout: WITHIN_MS })
    await watcher.waitForSelector('.word')
    await ann.click('#match >> text=Back')
    await ann.waitForSelector('#lobby[data-status=completed]')
    noComplaints()
  })

  it('is for a phone, too: nothing is wider than it', async () => {
    const page = await guest('Small', '', { width: 360, height: 740 })
    const isNarrow = () => page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')
    expect(await isNarrow()).to.equal(true)
    await page.selectOption('#lobbies select[name=game]', 'arena blitz 1v1')
    await page.click('#lobbies >> text=Open a lobby')
    await page.waitForSelector('#lobby .seats li')
    expect(await isNarrow()).to.equal(true)
    await page.click('text=Start with bots')
    await page.waitForSelector('#match[data-status=live] canvas')
    expect(await isNarrow()).to.equal(true)
    await page.click('text=Give up')
    await page.waitForSelector('.word')
    noComplaints()
  })

  it('keeps the token in the tab’s own storage, and nowhere else', async () => {
    const page = await guest('Ann')
    const kept = await page.evaluate(
      '({ session: Object.keys(sessionStorage), local: Object.keys(localStorage), cookies: document.cookie })',
    )
    expect(kept).to.deep.equal({ session: ['leetgaming.session'], local: [], cookies: '' })
    expect(await page.context().cookies()).to.deep.equal([])
    await page.reload()
    await page.waitForSelector('#who .name')
    expect(await text(page, '#who .name')).to.equal('Ann')
    await page.click('#who >> text=Leave')
    await page.waitForSelector('#door')
    expect(await page.evaluate('sessionStorage.length')).to.equal(0)
    noComplaints()
  })
})

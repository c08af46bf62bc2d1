// A headless Chromium for tests of the page: tabs as separate people, and everything that a page complained about.

import { type Browser, chromium, type Page } from 'playwright-core'
import { findProgram } from '../../server/bin/services/programs.ts'

/** On a closed network, as root, without what a browser would like to ask its makers. */
const FLAGS = [
  ...['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  ...['--no-first-run', '--disable-quic', '--disable-gpu', '--disable-dev-shm-usage'],
]

export interface Tab {
  readonly page: Page
  /** Errors of the console, of scripts, of requests that failed, and violations of the page's policy. */
  readonly complaints: readonly string[]
}

export async function startBrowser(): Promise<Browser> {
  const found = findProgram('chromium')
  if (found.kind === 'missing') throw new Error(found.why)
  return chromium.launch({ executablePath: found.program.path, args: FLAGS })
}

/** Somebody of their own: storage is shared with nobody. */
export async function newTab(browser: Browser, url: string, size = { width: 1_200, height: 900 }): Promise<Tab> {
  const context = await browser.newContext({ viewport: size })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`))
  page.on('requestfailed', (request) => complaints.push(`request: ${request.url()} ${request.failure()?.errorText}`))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(url)
  return { page, complaints }
}

// The page: who plays in this tab, and which of its parts is shown.

import { button, el, field, place, show, tellError } from './dom.ts'
import { LobbyPanel } from './lobbyPanel.ts'
import { LobbyView } from './lobbyView.ts'
import { MatchView } from './matchView.ts'
import { QueuePanel } from './queuePanel.ts'
import { Session } from './session.ts'
import { WalletPanel } from './walletPanel.ts'

interface Part {
  readonly element: HTMLElement
  end(): void
}

const session = new Session()
let parts: Part[] = []
let lobby: LobbyView | null = null
let match: MatchView | null = null

function restart(): void {
  for (const part of [...parts, lobby, match]) part?.end()
  parts = []
  lobby = null
  match = null
  if (session.signed === null) showDoor()
  else showHome()
}

function showDoor(): void {
  const name = el('input', {
    attributes: { name: 'name', maxlength: '32', placeholder: 'your name', autocomplete: 'off' },
  })
  const email = el('input', { attributes: { name: 'email', type: 'email', autocomplete: 'username' } })
  const password = el('input', { attributes: { name: 'password', type: 'password', autocomplete: 'current-password' } })
  const enter = async (signing: Promise<void>): Promise<void> => {
    await signing
    restart()
  }
  show(place('who'))
  show(
    place('main'),
    el(
      'section',
      { class: 'panel door', id: 'door' },
      el('h2', {}, 'Play'),
      el('p', {}, 'As a guest, with sandbox money. Nothing is kept but in this tab.'),
      el(
        'div',
        { class: 'row' },
        field('Name', name),
        button('Play as a guest', () => enter(session.guest(name.value.trim())), { class: 'main' }),
      ),
      el('p', {}, 'Or with an account:'),
      el(
        'div',
        { class: 'row' },
        field('Email', email),
        field('Password', password),
        button('Sign in', () => enter(session.login(email.value, password.value))),
      ),
    ),
  )
}

function showHome(): void {
  const { display_name: name, user_id: user } = session.known
  show(
    place('who'),
    el('span', { class: 'name', title: user }, name),
    button('Leave', () => session.logout()),
  )
  const wallet = new WalletPanel(session)
  const queue = new QueuePanel(session, (id) => play(id, new Map()))
  const lobbies = new LobbyPanel(session, openLobby)
  parts = [wallet, queue, lobbies]
  const watched = el('input', { attributes: { name: 'watch', placeholder: 'm_…', autocomplete: 'off' } })
  const watch = el(
    'section',
    { class: 'panel', id: 'watch' },
    el('h2', {}, 'Watch a match'),
    el(
      'div',
      { class: 'row' },
      field('Match', watched),
      button('Watch', () => openMatch(watched.value.trim(), true, new Map())),
    ),
  )
  show(
    place('main'),
    el('div', { class: 'stage', id: 'stage' }),
    el('div', { class: 'home', id: 'home' }, queue.element, lobbies.element, watch),
    wallet.element,
  )
  const asked = /^#watch=(m_[A-Za-z0-9_-]{1,64})$/.exec(location.hash)?.[1]
  if (asked !== undefined) openMatch(asked, true, new Map())
}

function openLobby(id: string, code: string | null): void {
  lobby?.end()
  lobby = new LobbyView(session, id, code, {
    play,
    back() {
      lobby?.end()
      lobby = null
      stage()
    },
  })
  stage()
}

function play(id: string, names: ReadonlyMap<string, string>): void {
  if (match?.element.dataset.match !== id) openMatch(id, false, names)
}

function openMatch(id: string, watch: boolean, names: ReadonlyMap<string, string>): void {
  match?.end()
  match = new MatchView({
    ...{ session, match: id, watch, names },
    back() {
      match?.end()
      match = null
      stage()
    },
  })
  stage()
}

/** The match goes before the lobby it came from, and either before the rest. */
function stage(): void {
  const shown = [match?.element ?? null, lobby?.element ?? null]
  show(place('stage'), ...shown)
  place('home').hidden = shown.some((part) => part !== null)
}

session.onEnded = restart
window.addEventListener('unhandledrejection', (event) => {
  event.preventDefault()
  tellError(event.reason)
})
restart()

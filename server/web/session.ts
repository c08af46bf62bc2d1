// Who plays in this tab: a guest, or somebody with an account. The token is kept in the tab's own storage and nowhere else;
// every call to the server goes through here.

export interface Signed {
  readonly token: string
  readonly refresh_token: string
  readonly user_id: string
  readonly wallet_id: string
  readonly display_name: string
}

/** What the server refused, as it said it. */
export class RefusedError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.name = 'RefusedError'
    this.code = code
  }
}

const KEY = 'leetgaming.session'

export class Session {
  signed: Signed | null = null
  /** The server does not know this session any more. */
  onEnded: () => void = () => {}

  constructor() {
    try {
      this.signed = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Signed | null // written by `keep`
    } catch {
      this.signed = null
    }
  }

  get known(): Signed {
    if (this.signed === null) throw new RefusedError('unauthenticated', 'Sign in first.')
    return this.signed
  }

  async guest(name: string): Promise<void> {
    this.keep(await this.call<Signed>('POST /auth/guest', name === '' ? {} : { display_name: name }))
  }

  async login(email: string, password: string): Promise<void> {
    this.keep(await this.call<Signed>('POST /auth/login', { email, password }))
  }

  async logout(): Promise<void> {
    const { refresh_token } = this.known
    await this.call('POST /auth/logout', { refresh_token }).catch(() => {})
    this.forget()
  }

  /** Answers the body. Throws RefusedError. */
  async call<Body>(line: string, body?: object, again = true): Promise<Body> {
    const [method = 'GET', path = '/'] = line.split(' ')
    const token = this.signed?.token
    const response = await fetch(path, {
      method,
      credentials: 'omit',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (response.status === 204) return undefined as Body // the caller expects nothing then
    const answer = await response.json()
    if (response.ok) return answer as Body // as CONTRACT says
    const { code = 'internal', message = 'Something went wrong.' } = answer.error ?? {}
    if (code === 'token_expired' && again) {
      await this.renew()
      return this.call(line, body, false)
    }
    if (response.status === 401 && this.signed !== null && !path.startsWith('/auth/')) this.forget()
    throw new RefusedError(code, message)
  }

  private async renew(): Promise<void> {
    try {
      this.keep(await this.call<Signed>('POST /auth/refresh', { refresh_token: this.known.refresh_token }, false))
    } catch (error) {
      this.forget()
      throw error
    }
  }

  private keep({ token, refresh_token, user_id, wallet_id, display_name }: Signed): void {
    this.signed = { token, refresh_token, user_id, wallet_id, display_name }
    sessionStorage.setItem(KEY, JSON.stringify(this.signed))
  }

  private forget(): void {
    this.signed = null
    sessionStorage.removeItem(KEY)
    this.onEnded()
  }
}

export function newKey(): string {
  return crypto.randomUUID()
}

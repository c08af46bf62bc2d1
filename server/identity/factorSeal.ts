// Secrets of second factors at rest: AES-256-GCM under a key derived from the server's token secret (HKDF-SHA-256), so
// that a copy of the data alone gives nobody's codes. Each is bound to its user and factor: moved to another row it does
// not open. With another token secret none of them opens.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** First byte of what is sealed: tells this form from later ones. */
const FORM = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const PURPOSE = 'leetgaming second factor 1'

export class FactorSeal {
  readonly #key: Uint8Array

  constructor(tokenSecret: string) {
    this.#key = new Uint8Array(hkdfSync('sha256', tokenSecret, '', PURPOSE, 32))
  }

  /** `about`: what it belongs to; the same is needed to open it. */
  seal(secret: Uint8Array, about: string): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(about))
    const text = Buffer.concat([cipher.update(secret), cipher.final()])
    return Buffer.concat([Uint8Array.of(FORM), nonce, cipher.getAuthTag(), text])
  }

  /** Null where it was sealed under another secret, about something else, or is damaged. */
  open(sealed: Uint8Array, about: string): Uint8Array | null {
    const textAt = 1 + NONCE_BYTES + TAG_BYTES
    if (sealed[0] !== FORM || sealed.length <= textAt) return null
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(1, 1 + NONCE_BYTES))
    decipher.setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(1 + NONCE_BYTES, textAt))
    try {
      return Buffer.concat([decipher.update(sealed.subarray(textAt)), decipher.final()])
    } catch {
      return null // GCM's tag does not fit
    }
  }
}

// Colyseus' uWebSockets transport asks for `uWebSockets.js`, which its authors publish outside the npm registry.
// uws-pack carries the same binaries but has no default export, which the transport imports: give it one.
import * as uws from 'uws-pack'

export * from 'uws-pack'
export default uws

// A5 for Colyseus' ws transport: what waits for a client that reads too slowly is bounded, and the client is let go of,
// as uWebSockets does by itself. It may come back and read its balances and history anew; nothing is lost with it.

interface Sending {
  readonly bufferedAmount: number
  readonly readyState: number
  readonly OPEN: number
  send(...args: never): void
  terminate(): void
}

/**
 * From now on the socket ends at the first send that finds more than `limitBytes` waiting; that one is not sent. So it
 * never holds more than the limit and one message. `onSlow` hears of it once.
 */
export function endWhenSlow(socket: Sending, limitBytes: number, onSlow: () => void): void {
  const send = socket.send
  socket.send = (...args: readonly unknown[]) => {
    if (socket.readyState === socket.OPEN && socket.bufferedAmount > limitBytes) {
      socket.terminate()
      onSlow()
    }
    // Once it is closing this only tells the caller so, as it has always done.
    Reflect.apply(send, socket, args)
  }
}

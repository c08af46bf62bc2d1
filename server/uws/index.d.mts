export * from 'uws-pack'

declare const uws: typeof import('uws-pack')
export default uws

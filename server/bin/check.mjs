// `npm run check`: types, lint and the layout rules of docs/design.md. Prints one line per step; exit 1 if any failed.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const MAX_FILE_LINES = 300
const LAYERS = ['shared', 'actors', 'rooms', 'server'] // an import may only run towards the front of this list
const TOP_LEVEL = new Set([
  ...LAYERS,
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'Dockerfile',
  'compose.yaml',
  'docs',
  'k8s',
  'loadtest',
  'test',
])
const UNTRACKED = new Set(['.git', 'node_modules', 'data', '.services', 'tmp', 'coverage'])

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|new URL\(\s*)['"](\.{1,2}\/[^'"]+)['"]/g
const IMPURE = /Date\.now\(|new Date\(\)|performance\.now\(|Math\.random\(|randomUUID|randomBytes|getRandomValues/
const REAL_TIMER = /(?<![.\w])set(?:Timeout|Interval|Immediate)\(/
const ENVIRONMENT = /process\.env\b/
const LOOSE = /: any\b|as any\b|<any>|@ts-ignore|@ts-expect-error|@ts-nocheck|TODO|FIXME|XXX|not implemented/
const SINGLED_OUT = /\b(?:it|describe|suite|test)\.(?:only|skip)\(/

/** Paths relative to the root, `/`-separated: what git would commit, or a walk where there is no git. */
function listFiles() {
  const git = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
  if (git.status === 0) return git.stdout.split('\0').filter((path) => path !== '' && existsSync(join(root, path)))
  return walk('')
}

function walk(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (UNTRACKED.has(entry.name)) return []
    const path = posix.join(folder, entry.name)
    return entry.isDirectory() ? walk(path) : [path]
  })
}

const topOf = (path) => path.split('/')[0] ?? path
const isProduction = (path) => LAYERS.includes(topOf(path))

function checkTopLevel(files) {
  const extra = new Set(files.map(topOf).filter((name) => !name.startsWith('.') && !TOP_LEVEL.has(name)))
  return [...extra].map((name) => `${name}: not an entry of the top level`)
}

function checkImports(path, text) {
  const problems = []
  for (const match of text.matchAll(IMPORT)) {
    const target = posix.join(posix.dirname(path), match[1])
    const line = text.slice(0, match.index).split('\n').length
    const runsBack = LAYERS.indexOf(topOf(target)) > LAYERS.indexOf(topOf(path))
    const leaves = !isProduction(target)
    const knowsKind = path.startsWith('actors/runtime/') && /^actors\/(?!runtime\/)[^/]+\//.test(target)
    if (runsBack) problems.push(`${path}:${line}: import runs back, to ${target} (server → rooms → actors → shared)`)
    else if (leaves) problems.push(`${path}:${line}: imports ${target}, which is not shipped`)
    else if (knowsKind) problems.push(`${path}:${line}: the runtime knows no kind of actor, but imports ${target}`)
  }
  return problems
}

function checkLines(path, text) {
  const problems = []
  const actor = path.startsWith('actors/')
  for (const [index, line] of text.split('\n').entries()) {
    const at = `${path}:${index + 1}`
    if (actor && (IMPURE.test(line) || REAL_TIMER.test(line)))
      problems.push(`${at}: clock or randomness (A2): use a port`)
    if (topOf(path) !== 'server' && ENVIRONMENT.test(line)) problems.push(`${at}: only server/ reads the environment`)
    if (LOOSE.test(line)) problems.push(`${at}: loose end: ${line.trim()}`)
  }
  return problems
}

function checkLength(path, text) {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  return lines > MAX_FILE_LINES ? [`${path}: ${lines} lines, at most ${MAX_FILE_LINES}`] : []
}

function checkTests(path, text) {
  return text.split('\n').flatMap((line, index) => {
    return SINGLED_OUT.test(line) ? [`${path}:${index + 1}: test singled out or left out`] : []
  })
}

function checkLayout() {
  const files = listFiles()
  const problems = checkTopLevel(files)
  for (const path of files.filter((name) => /\.(?:ts|mts|mjs|js)$/.test(name))) {
    const text = readFileSync(join(root, path), 'utf8')
    const typed = /(?<!\.d)\.m?ts$/.test(path)
    if (isProduction(path)) problems.push(...checkLength(path, text), ...checkImports(path, text))
    if (isProduction(path) && typed) problems.push(...checkLines(path, text))
    if (topOf(path) === 'test') problems.push(...checkTests(path, text))
  }
  return { ok: problems.length === 0, output: problems.join('\n') }
}

/** Runs a package's own entry script under this Node. */
function run(script, ...args) {
  const done = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return { ok: done.status === 0, output: `${done.stdout ?? ''}${done.stderr ?? ''}`.trim() }
}

const steps = {
  types: () => run('typescript/bin/tsc', '--pretty', 'false', '-p', 'tsconfig.json'),
  'types of the page': () => run('typescript/bin/tsc', '--pretty', 'false', '-p', 'server/web/tsconfig.json'),
  lint: () => run('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=100'),
  layout: checkLayout,
}

let failed = 0
for (const [name, step] of Object.entries(steps)) {
  const { ok, output } = step()
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`)
  if (ok) continue
  failed += 1
  console.log(`${output.replace(/^/gm, '  ')}\n`)
}
process.exitCode = failed === 0 ? 0 : 1

// Runs the extension in @duckdb/node-api: node node.mjs EXTENSION DIRECTORY
// Its package is searched for in DIRECTORY.
import { readFileSync } from 'fs';
import { createRequire } from 'module';

const [extension, directory] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(directory + '/')('@duckdb/node-api');
const token = process.env.TEAMUP_TOKEN;
delete process.env.TEAMUP_TOKEN;
process.env.HOME = '/nonexistent';

function check(passed, what) {
  if (!passed) {
    console.error('FAILED: ' + what);
    process.exit(1);
  }
}

async function connect(path = ':memory:') {
  const database = await DuckDBInstance.create(path, { allow_unsigned_extensions: 'true' });
  const connection = await database.connect();
  await connection.run(`LOAD '${extension}'`);
  return { database, connection };
}

const value = async (connection, query) => (await connection.runAndReadAll(query)).getRowsJson()[0]?.[0];

async function error(connection, statement) {
  try {
    await connection.runAndReadAll(statement);
  } catch (e) {
    return e.message;
  }
  return '';
}

async function runStatements(connection) {
  const queries = [];
  for (const line of readFileSync(new URL('statements.sql', import.meta.url), 'utf8').split('\n').map(s => s.trim())) {
    if (line.startsWith('~')) queries.push(line.slice(1));
    if (!line || line.startsWith('~') || line.startsWith('--')) continue;
    const [rest, failure] = line.replaceAll('{dir}', directory).split(' =>! ');
    const [statement, result] = rest.split(' => ');
    const got = failure ? await error(connection, statement) : await value(connection, statement);
    check(failure ? got.includes(failure) : !result || got === result, `${statement}: ${got}`);
  }
  return queries;
}

// runConnections runs 200 statements on 8 connections.
async function runConnections(database, connection, queries) {
  const expected = [];
  for (const q of queries) expected.push(await value(connection, q.replaceAll('{t}', 'everyone')));
  await Promise.all(Array.from({ length: 8 }, async (_, n) => {
    const other = await database.connect();
    for (let i = 0; i < 25; i++) {
      const at = (n + i) % queries.length;
      const got = await value(other, queries[at].replaceAll('{t}', 'teamup_customers'));
      check(got === expected[at], `${queries[at]}: ${got}, not ${expected[at]}`);
    }
    other.closeSync();
  }));
}

async function runPrepared(connection) {
  const prepared = await connection.prepare('SELECT count(*)::VARCHAR FROM teamup_customers WHERE is_active = $1');
  for (const active of [true, false, true]) {
    prepared.bindBoolean(1, active);
    const got = (await prepared.runAndReadAll()).getRowsJson()[0][0];
    const want = await value(connection, `SELECT count(*)::VARCHAR FROM everyone WHERE is_active = ${active}`);
    check(got === want, `is_active = ${active}: ${got}, not ${want}`);
  }
}

// runInterrupt interrupts a scan of a server that never responds.
async function runInterrupt() {
  const { database, connection } = await connect();
  check((await error(connection, 'FROM teamup_customers')).includes('set TEAMUP_TOKEN'), 'an error for the missing token');
  process.env.TEAMUP_TOKEN = token;
  const begin = performance.now();
  const connections = () => readFileSync(process.env.SERVER_LOG, 'utf8').split('connection').length;
  const before = connections();
  const timer = setInterval(() => {
    if (connections() > before) {
      clearInterval(timer);
      connection.interrupt();
    }
  }, 50);
  const text = await error(connection, 'SELECT count(email) FROM teamup_customers');
  const took = performance.now() - begin;
  check(/interrupt/i.test(text) && took < 30_000, `interrupt: ${text} after ${took} ms`);
  check(await value(connection, 'SELECT 42') === 42, 'the connection works after an interrupt');
  connection.closeSync();
  database.closeSync();
}

let signals = 0;
process.on('SIGUSR2', () => signals++);
await runInterrupt();
const { database, connection } = await connect();
const queries = await runStatements(connection);
await runConnections(database, connection, queries);
await runPrepared(connection);
process.kill(process.pid, 'SIGUSR2');
await new Promise(resolve => setTimeout(resolve, 200));
check(signals === 1, 'the program receives its signals');
await value(connection, 'CALL teamup_demo(customers := 50000)');
connection.runAndReadAll('SELECT count(email) FROM teamup_customers').catch(() => {});
setTimeout(() => process.exit(0), 50); // while the scan runs; Node waits for its end

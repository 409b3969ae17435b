import Database from "libsql";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The embedded SQLite database in which the local run keeps queues, tables, streams and logs. */
export interface Store {
  readonly db: Database.Database;
  /** Runs `work` as one transaction: all of it is kept, or nothing. Not nested, not asynchronous. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens the store.
 *
 * With a folder the data outlives the process, a killed one too (write-ahead log). Without one it lives in a scratch
 * file that is gone at the end: memory stays flat however many orders pass through.
 */
export function openStore(folder?: string): Store {
  return folder === undefined ? openScratch() : openFolder(folder);
}

function openFolder(folder: string): Store {
  const unlock = lockFolder(folder);
  try {
    const db = new Database(join(folder, "state.db"));
    db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
    return store(db, TRANSACTION, unlock);
  } catch (error) {
    unlock();
    throw new Error(
      `The state folder ${folder} cannot be used (${messageOf(error)}). Delete its state.db, or choose another LOCAL_STATE_DIR.`,
      { cause: error },
    );
  }
}

/**
 * Keeps other runs out of a folder. The lock is a transaction on a database of its own: it goes with the process that has
 * it, however that ends.
 */
function lockFolder(folder: string): () => void {
  try {
    mkdirSync(folder, { recursive: true });
    const lock = new Database(join(folder, "run.lock"));
    lock.exec("BEGIN EXCLUSIVE");
    return () => {
      lock.exec("ROLLBACK");
      lock.close();
    };
  } catch (error) {
    throw new Error(
      codeOf(error) === "SQLITE_BUSY"
        ? `Another run has the state folder ${folder} open. Stop it, or choose another LOCAL_STATE_DIR.`
        : `The state folder ${folder} cannot be opened (${messageOf(error)}). Choose a folder for LOCAL_STATE_DIR that can be written to.`,
      { cause: error },
    );
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function openScratch(): Store {
  const folder = mkdtempSync(join(tmpdir(), "order-service-"));
  const db = new Database(join(folder, "scratch.db"));
  db.exec(
    "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536;",
  );
  // One transaction for the whole run: nothing has to reach the file but what the cache has no room for.
  db.exec("BEGIN");
  return store(db, SAVEPOINT, () => rmSync(folder, { recursive: true, force: true }));
}

/** The statements around a piece of work that is kept as a whole or not at all. */
interface Bracket {
  readonly begin: string;
  readonly commit: string;
  readonly rollback: string;
}

const TRANSACTION: Bracket = { begin: "BEGIN", commit: "COMMIT", rollback: "ROLLBACK" };
const SAVEPOINT: Bracket = {
  begin: "SAVEPOINT work",
  commit: "RELEASE work",
  rollback: "ROLLBACK TO work; RELEASE work",
};

function store(db: Database.Database, bracket: Bracket, cleanUp: () => void): Store {
  return {
    db,
    // `exec`, though it parses the text each time, takes a third of the time that a prepared statement's `run` takes.
    transaction(work) {
      db.exec(bracket.begin);
      try {
        const result = work();
        db.exec(bracket.commit);
        return result;
      } catch (error) {
        db.exec(bracket.rollback);
        throw error;
      }
    },
    close() {
      db.close();
      cleanUp();
    },
  };
}

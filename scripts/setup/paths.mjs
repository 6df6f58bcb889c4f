import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** What can be made again: the engine built from source. */
export const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "recursive-dns");

/** What cannot: the state of the stacks and the passphrase of their secrets. */
export const data = join(process.env["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), "recursive-dns");

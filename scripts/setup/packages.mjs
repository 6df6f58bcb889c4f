import { join } from "node:path";
import { readJson } from "./json.mjs";
import { root } from "./paths.mjs";
import { attached } from "./processes.mjs";
import { Problem, say } from "./steps.mjs";

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} Locked */
/** @typedef {{ packages?: Record<string, Locked> }} LockFile */

/** Installs the npm packages, unless those that the lock file names are there. */
export async function packages() {
    const wanted = read(join(root, "package-lock.json"));
    const found = read(join(root, "node_modules", ".package-lock.json"));
    if (wanted && found && outdated(wanted, found).length === 0) return;
    say("installing the npm packages (about 30 seconds)");
    const { code } = await attached("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], { cwd: root });
    if (code !== 0)
        throw new Problem("npm ci failed", "Its reason is above; npm needs access to a package registry.");
}

/**
 * The packages of the lock file that are not installed as it says. npm keeps a lock file of what it has
 * installed, so contents are compared, not times. Optional ones may be for another platform.
 *
 * @param {LockFile} wanted
 * @param {LockFile} found
 */
export function outdated(wanted, found) {
    return Object.entries(wanted.packages ?? {})
        .filter(([path, { optional }]) => path !== "" && !optional)
        .filter(([path, { version, integrity }]) => {
            const installed = found.packages?.[path];
            return installed?.version !== version || installed?.integrity !== integrity;
        })
        .map(([path]) => path);
}

/**
 * @param {string} file
 * @returns {LockFile | undefined}
 */
function read(file) {
    try {
        return /** @type {LockFile} */ (readJson(file));
    } catch {
        return undefined;
    }
}

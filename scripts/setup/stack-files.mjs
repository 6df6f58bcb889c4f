// The engine writes how a stack's secrets are encrypted into its file. For a file that is in the repository it
// gets a copy to write to, so that running the stack leaves the checkout clean.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { data, root } from "./paths.mjs";
import { capture } from "./processes.mjs";

/** The copies, with a copy of Pulumi.yaml: to the engine, a project. */
export const copies = join(data, "stacks");

/** @param {string} stack its name, or organization/project/name */
export function fileName(stack) {
    return `Pulumi.${stack.split("/").pop() ?? stack}.yaml`;
}

/**
 * The file for the engine in place of the one in the repository; undefined where the person's own file is used.
 *
 * @param {string} stack
 */
export async function configFile(stack) {
    const name = fileName(stack);
    if (!existsSync(join(root, name))) return undefined;
    const { code } = await capture("git", ["ls-files", "--error-unmatch", name], { cwd: root });
    if (code !== 0) return undefined;

    mkdirSync(copies, { recursive: true, mode: 0o700 });
    copyFileSync(join(root, "Pulumi.yaml"), join(copies, "Pulumi.yaml"));
    const copy = join(copies, name);
    const before = existsSync(copy) ? readFileSync(copy, "utf8") : "";
    const aside = `${copy}.${process.pid}`;
    writeFileSync(aside, withEncryption(readFileSync(join(root, name), "utf8"), before), { mode: 0o600 });
    renameSync(aside, copy);
    return copy;
}

const ENCRYPTION = /^(?:encryptionsalt|encryptedkey|secretsprovider):.*$/gm;

/**
 * The text of a stack file, with the encryption settings that an earlier copy has and it has not.
 *
 * @param {string} committed
 * @param {string} copy
 */
export function withEncryption(committed, copy) {
    if (committed.match(ENCRYPTION)) return committed;
    const kept = copy.match(ENCRYPTION) ?? [];
    return [...kept, committed].join("\n");
}

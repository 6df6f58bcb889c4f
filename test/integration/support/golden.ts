import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { root } from "./stack";

const golden = path.join(root, "test/golden");

/** The golden files of a directory; none if it is not there. */
export function goldenFiles(directory: string): string[] {
    const all = path.join(golden, directory);
    return existsSync(all) ? readdirSync(all).map((file) => `${directory}/${file}`) : [];
}

/**
 * Runs a command in an image, as a user by number, with copies of golden files in one of its directories.
 * Throws with what it printed when it fails.
 */
export function checkInImage(
    image: string,
    user: number,
    directory: string,
    files: readonly string[],
    ...[program = "", ...parameters]: string[]
): void {
    const copies = mkdtempSync(path.join(tmpdir(), "recursive-dns-golden-"));
    const confined = ["--rm", "--init", "--network", "none", "--cap-drop", "ALL", "--user", String(user)];
    const mounted = ["--volume", `${copies}:${directory}:ro`, "--entrypoint", program];
    try {
        execFileSync("cp", [...files.map((file) => path.join(golden, file)), copies]);
        execFileSync("chmod", ["-R", "a+rX", copies]);
        execFileSync("docker", ["run", ...confined, ...mounted, image, ...parameters], { stdio: "pipe" });
    } finally {
        rmSync(copies, { recursive: true });
    }
}

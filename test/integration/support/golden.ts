import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { root } from "./stack";

const golden = path.join(root, "test/golden");

/** Copies golden files to where a container can read them, and runs `check` with the copy. */
export function withGolden<T>(files: readonly string[], check: (directory: string) => T): T {
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-golden-"));
    try {
        execFileSync("cp", [...files.map((file) => path.join(golden, file)), directory]);
        execFileSync("chmod", ["-R", "a+rX", directory]);
        return check(directory);
    } finally {
        rmSync(directory, { recursive: true });
    }
}

/** Runs a command in an image, without network, and returns what it prints. Throws when it fails. */
export function inImage(image: string, options: readonly string[], ...command: string[]): string {
    const confined = ["run", "--rm", "--init", "--network", "none", "--cap-drop", "ALL", ...options];
    return execFileSync(
        "docker",
        [...confined, "--entrypoint", command[0] ?? "", image, ...command.slice(1)],
        {
            encoding: "utf8",
            stdio: "pipe",
        },
    );
}

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";

const folder = path.join(__dirname, "../golden");

/**
 * Holds a rendered file against the one in test/golden, which the real binaries have accepted
 * (test/integration/golden.test.ts). `UPDATE_GOLDEN=1` writes it anew: read the difference before you commit it.
 */
export function assertGolden(name: string, text: string): void {
    const file = path.join(folder, name);
    if (process.env.UPDATE_GOLDEN) {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
    }
    assert.equal(text, readFileSync(file, "utf8"), `differs from test/golden/${name}`);
}

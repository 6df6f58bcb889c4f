import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const program = path.join(__dirname, "../../images/knot-resolver/claim-address");

describe("the address of a resolver on the host's network", () => {
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-claim-"));
    const claims: ChildProcess[] = [];

    before(() => {
        // Two instances whose ids begin with the same letters: the worst that can happen.
        const id = `abcdef${String(process.pid).padStart(6, "0")}`;
        writeFileSync(path.join(directory, "instance-id"), `#!/bin/sh\necho ${id}\n`, { mode: 0o755 });
    });
    after(() => {
        for (const claim of claims) claim.kill();
        rmSync(directory, { recursive: true });
    });

    /** Claims an address for as long as the process runs. */
    function claim(): Promise<{ address: string; process: ChildProcess }> {
        const env = { ...process.env, PATH: `${directory}:${process.env.PATH}` };
        const child = spawn("perl", [program, "sh", "-c", "echo $ADDRESS; exec sleep 60"], { env });
        claims.push(child);
        return new Promise((resolve) =>
            child.stdout.once("data", (text) => resolve({ address: String(text).trim(), process: child })),
        );
    }

    it("is its own, also beside one that would have the same, and free again when it has ended", async () => {
        const first = await claim();
        assert.equal(first.address, "127.107.205.239"); // 0xabcdef in 22 bits, from 127.64.0.0 on
        assert.equal((await claim()).address, "127.107.205.240");
        const ended = new Promise((resolve) => first.process.once("close", resolve));
        first.process.kill();
        await ended;
        assert.equal((await claim()).address, first.address);
    });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { docker, ensureImage } from "../../test/lab/docker";

const loadImage = path.join(__dirname, "../../test/load/image");

/** Asks each name once, a hundred at a time, and tells how long that took. */
export async function askOnce(
    address: string,
    names: readonly string[],
): Promise<{ seconds: number; answered: number }> {
    const image = await ensureImage("load", loadImage);
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-bench-"));
    try {
        writeFileSync(path.join(directory, "queries"), names.map((name) => `${name} A\n`).join(""));
        const output = await docker(
            ...["run", "--rm", "--network", "host", "--volume", `${directory}:/load:ro`, image],
            ...["-s", address, "-d", "/load/queries", "-n", "1", "-q", "100", "-t", "10"],
        );
        const [, seconds] = /Run time \(s\): +([\d.]+)/.exec(output) ?? [];
        const [, answered] = /NOERROR (\d+)/.exec(output) ?? [];
        if (seconds === undefined) throw new Error(`dnsperf did not report:\n${output}`);
        return { seconds: Number(seconds), answered: Number(answered ?? 0) };
    } finally {
        rmSync(directory, { recursive: true });
    }
}

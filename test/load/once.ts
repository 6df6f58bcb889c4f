import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { docker } from "../lab/docker";
import { loadImage } from "./load-image";

/** What came of asking each of some names once. */
export interface Once {
    readonly seconds: number;
    /** By an address. */
    readonly answered: number;
    readonly averageMilliseconds: number;
    readonly longestMilliseconds: number;
}

/** How to ask: a hundred at a time as fast as they are answered, if not so many a second. */
export interface Pace {
    /** @default 53 */
    readonly port?: number;
    readonly rate?: number | undefined;
    /**
     * Over which protocol, as dnsperf calls it.
     * @default "udp"
     */
    readonly mode?: "udp" | "dot" | "doh";
    /**
     * The Docker network to ask from.
     * @default "host"
     */
    readonly network?: string;
}

/** Asks each name once. */
export async function askOnce(
    address: string,
    names: readonly string[],
    { port = 53, rate, mode = "udp", network = "host" }: Pace = {},
): Promise<Once> {
    const image = await loadImage();
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-load-"));
    try {
        writeFileSync(path.join(directory, "queries"), names.map((name) => `${name} A\n`).join(""));
        const pace = rate ? ["-Q", String(rate), "-q", "60000"] : ["-q", "100"];
        const output = await docker(
            ...["run", "--rm", "--network", network, "--volume", `${directory}:/load:ro`, image],
            ...["-s", address, "-p", String(port), "-d", "/load/queries", "-n", "1", "-t", "10", ...pace],
            ...(mode === "udp" ? [] : ["-m", mode, "-c", "10"]),
            ...(mode === "doh" ? ["-O", `doh-uri=https://${address}/dns-query`] : []),
        );
        const number = (pattern: RegExp, otherwise = NaN) => Number(pattern.exec(output)?.[1] ?? otherwise);
        const seconds = number(/Run time \(s\): +([\d.]+)/);
        if (Number.isNaN(seconds)) throw new Error(`dnsperf did not report:\n${output}`);
        return {
            seconds,
            answered: number(/NOERROR (\d+)/, 0),
            averageMilliseconds: number(/Average Latency \(s\): +([\d.]+)/) * 1000,
            longestMilliseconds: number(/Average Latency \(s\):.*max ([\d.]+)/) * 1000,
        };
    } finally {
        rmSync(directory, { recursive: true });
    }
}

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { docker, ensureImage } from "../lab/docker";
import { wildcards } from "../lab/catalog";

/** What a load has sent, and what came back. */
export interface UdpReport {
    readonly sent: number;
    /** Without an answer within 2 s; nothing is asked twice. */
    readonly lost: number;
    /** Answered, but not by NOERROR. */
    readonly wrong: number;
    readonly slowestSeconds: number;
}

/** A load of UDP queries that runs until it is stopped. */
export interface UdpLoad {
    /** Ends the load, once it has sent at least as many as it was to. */
    stop(): Promise<UdpReport>;
}

/** Every load asks names that no load has asked before, or the packet cache would hide dead resolvers. */
let series = Date.now() % 1_000_000;

/**
 * Runs dnsperf on the host's network: half of its queries are for names that were never asked before.
 *
 * @param least how many queries it sends before it may be stopped
 */
export async function startUdpLoad(
    address: string,
    port: number,
    rate: number,
    least: number,
): Promise<UdpLoad> {
    const image = await ensureImage("load", path.join(__dirname, "image"));
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-load-"));
    const run = ++series;
    const known = ["www.example.com A", "alias.example.com A", "www.example.net A", "www.example.com AAAA"];
    const queries = Array.from({ length: 200_000 }, (_, index) =>
        index % 2 === 0
            ? `l${run}-${index}.${wildcards.unsigned.suffix} A`
            : known[(index >> 1) % known.length],
    );
    writeFileSync(path.join(directory, "queries"), queries.join("\n") + "\n");

    const name = `recursive-dns-load-${process.pid}-${run}`;
    // At most ten minutes, whatever happens to the test.
    const bounds = ["-l", "600", "-t", "2", "-c", "50", "-Q", String(rate)];
    const child = spawn("docker", [
        ...["run", "--rm", "--name", name, "--network", "host", "--volume", `${directory}:/load:ro`],
        ...[image, "-s", address, "-p", String(port), "-d", "/load/queries", ...bounds],
    ]);
    let output = "";
    child.stdout.on("data", (text) => (output += String(text)));
    child.stderr.on("data", (text) => (output += String(text)));
    const ended = new Promise((resolve) => child.once("close", resolve));
    const started = Date.now();

    return {
        async stop() {
            const left = (least / rate) * 1000 - (Date.now() - started) + 1000;
            if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
            await docker("kill", "--signal", "INT", name).catch(() => undefined); // it may have ended by itself
            await ended;
            rmSync(directory, { recursive: true });
            return parseReport(output);
        },
    };
}

/** Reads dnsperf's closing statistics. */
function parseReport(output: string): UdpReport {
    const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? NaN);
    const sent = number(/Queries sent: +(\d+)/);
    const answered = number(/Queries completed: +(\d+)/);
    const right = Number(/Response codes:.*?NOERROR (\d+)/.exec(output)?.[1] ?? 0);
    const report = {
        sent,
        lost: number(/Queries lost: +(\d+)/),
        wrong: answered - right,
        slowestSeconds: number(/Average Latency \(s\):.*max ([\d.]+)/),
    };
    if (Object.values(report).some(Number.isNaN)) throw new Error(`dnsperf did not report:\n${output}`);
    return report;
}

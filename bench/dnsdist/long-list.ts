import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { leadingFrontend, outcome } from "../../test/integration/support/dns";
import { docker } from "../../test/lab/docker";
import type { Site } from "../cache/site";
import { anonymousMiB } from "../cgroup";
import { repeated } from "../measure";

/** What a list of a million names costs. */
export interface LongList {
    readonly names: number;
    /** Memory of dnsdist in MiB, right after its start, with the list and without. */
    readonly memory: { readonly with: readonly number[]; readonly without: readonly number[] };
    /** Seconds from the start of its container to its first answer. */
    readonly start: { readonly with: readonly number[]; readonly without: readonly number[] };
    /** Seconds that the update took which delivered it. */
    readonly update: number;
}

const rounds = 5;

export async function longList(site: Site, directory: string, names = 1_000_000): Promise<LongList> {
    const file = path.join(directory, "million.txt");
    writeFileSync(file, Array.from({ length: names }, (_, index) => `n${index}.blocked.example\n`).join(""));
    const without = await repeated(rounds, () => start(site));
    site.stack.configure({
        ...site.settings,
        dnsdist: { lists: [{ name: "long", action: "nxdomain", file }] },
    });
    const began = performance.now();
    await site.stack.must(site.stack.up());
    const update = (performance.now() - began) / 1000;
    const listed = await outcome(
        { address: "127.0.0.1", port: site.port, transport: "udp" },
        `www.n${names - 1}.blocked.example`,
    );
    if (listed !== "NXDOMAIN") throw new Error(`the list is not in force: ${listed}`);
    const withList = await repeated(rounds, () => start(site));
    const of = (key: "seconds" | "memory") => ({
        with: withList.map((each) => each[key]),
        without: without.map((each) => each[key]),
    });
    return { names, memory: of("memory"), start: of("seconds"), update };
}

/** Starts dnsdist again. */
async function start(site: Site) {
    const service = { address: "127.0.0.1", port: site.port, transport: "udp" } as const;
    const id = await leadingFrontend(service);
    await docker("stop", id);
    const began = performance.now();
    await docker("start", id);
    // A question that nobody heard is not worth waiting for.
    const heard = () => outcome(service, "frontend.recursive-dns.internal", "TXT", 50).catch(() => "");
    while (!(await heard()).startsWith("NOERROR")) await sleep(10);
    const seconds = (performance.now() - began) / 1000;
    await sleep(3000);
    const pid = Number(await docker("inspect", "--format", "{{.State.Pid}}", id));
    return { seconds, memory: anonymousMiB(pid) };
}

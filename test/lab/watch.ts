import { setTimeout as sleep } from "node:timers/promises";
import { type Server, ask } from "../integration/support/dns";
import { labState, queriesAsked } from "./control";
import { wildcards } from "./internet/showcase";

const columns = (cells: readonly string[]) => cells.map((cell) => cell.padEnd(16)).join("");

/** Prints each second what the lab's servers are asked, and what the service answers to a known name and to a new one. */
export async function watch(service: Server): Promise<never> {
    console.log(columns(["lab", "root/s", "tld/s", "leaf/s", "known name", "new name"]));
    let before: Awaited<ReturnType<typeof queriesAsked>> | undefined;
    for (let second = 0; ; second++) {
        const known = answer(service, "www.example.com");
        const fresh = answer(service, `watch${Date.now()}.${wildcards.unsigned.suffix}`);
        const state = await labState();
        const counts = state === "stopped" ? undefined : await queriesAsked();
        const rates = (["root", "tld", "leaf"] as const).map((level) =>
            counts && before ? String(counts[level] - before[level]) : "-",
        );
        before = counts;
        console.log(columns([state, ...rates, await known, await fresh]));
        await sleep(1000);
    }
}

async function answer(service: Server, name: string): Promise<string> {
    const start = performance.now();
    const rcode = await ask(service, { name, type: "A" }).then(
        (packet) => (packet as { rcode?: string }).rcode ?? "?",
        () => "no answer",
    );
    return `${rcode} ${Math.round(performance.now() - start)} ms`;
}

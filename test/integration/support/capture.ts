import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { docker } from "../../lab/docker";

/**
 * What tcpdump sees in a Docker network while something is done, a packet a line.
 * @param filter which packets, such as `udp dst port 53`
 */
export async function captured(
    network: string,
    filter: string,
    what: () => Promise<unknown>,
): Promise<string[]> {
    const id = await docker("network", "inspect", "--format", "{{.Id}}", network);
    const options = ["-l", "-n", "-v", "--immediate-mode", "-i", `br-${id.slice(0, 12)}`];
    const tcpdump = spawn("tcpdump", [...options, filter]);
    let seen = "";
    tcpdump.stdout.on("data", (text) => (seen += String(text)));
    await once(tcpdump.stderr, "data"); // it listens
    try {
        await what();
        await sleep(300);
    } finally {
        tcpdump.kill("SIGTERM");
    }
    // A packet is a line, and more of it on lines that are indented.
    return seen.replace(/\n\s+/g, " ").trim().split("\n");
}

import { randomBytes } from "node:crypto";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "../integration/support/dns";
import { ask } from "../integration/support/dns";
import { labNetwork, rootHints, rootTrustAnchor } from "../lab/catalog";
import { docker, ensureImage } from "../lab/docker";

/** A resolver of others, on the network of the lab, which it takes for the Internet. */
export interface Reference extends Server {
    readonly kind: Kind;
    readonly container: string;
    /** Forgets all that it knows. It may be elsewhere then. */
    restart(): Promise<Server>;
    remove(): Promise<void>;
}

export type Kind = "unbound" | "bind" | "kresd";

/** Starts one, and waits until it answers. What else its image may be told: `image/start`. */
export async function startReference(
    kind: Kind,
    environment: Readonly<Record<string, string>> = {},
): Promise<Reference> {
    const image = await ensureImage("reference", path.join(__dirname, "image"));
    const name = `recursive-dns-reference-${kind}-${randomBytes(3).toString("hex")}`;
    const hints = Object.entries(rootHints).map(([server, [address]]) => `${server}=${address}`);
    const settings = ["--env", `ROOT_HINTS=${hints.join(" ")}`, "--env", `TRUST_ANCHOR=${rootTrustAnchor}`];
    for (const [key, value] of Object.entries(environment)) settings.push("--env", `${key}=${value}`);
    const limits = ["--memory", "512m", "--pids-limit", "64", "--tmpfs", "/run:mode=1777"];
    await docker(
        "run",
        "--detach",
        "--name",
        name,
        "--network",
        labNetwork.name,
        ...limits,
        ...settings,
        image,
        kind,
    );
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const server = async (): Promise<Server> => ({
        address: await docker("inspect", "--format", format, name),
        port: 53,
        transport: "udp",
    });
    const reference = {
        kind,
        container: name,
        ...(await server()),
        async restart() {
            await docker("restart", "--time", "1", name);
            const restarted = await server();
            await untilAnswering(restarted);
            return restarted;
        },
        async remove() {
            await docker("rm", "--force", name);
        },
    };
    await untilAnswering(reference).catch(async (error: unknown) => {
        const logs = await docker("logs", "--tail", "20", name);
        await reference.remove();
        throw new Error(`${kind} does not answer: ${String(error)}\n${logs}`);
    });
    return reference;
}

async function untilAnswering(server: Server): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
        try {
            await ask(server, { name: "localhost", type: "A" });
            return;
        } catch (error) {
            if (Date.now() > deadline) throw error;
            await sleep(200);
        }
    }
}

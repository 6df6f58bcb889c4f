/**
 * Starts and stops the lab Internet: one container with all its name servers, on a network of its own
 * that resolvers join. Every function may be called in any state.
 */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { labNetwork } from "./catalog";
import { container, inspectContainer, labState, mendLab } from "./control";
import { docker, dockerInspect, ensureImage } from "./docker";
import { servers, v4, v6 } from "./internet/addresses";
import { contextFiles } from "./internet/internet";

const label = "recursive-dns.lab=true";
const imageDirectory = join(__dirname, "image");
const startTimeoutMs = 30_000;

/** Brings the lab up, reachable and answering; builds its image if there is none of the present content. */
export async function startLab(): Promise<void> {
    const image = await ensureLabImage();
    await ensureNetwork();
    const found = await inspectContainer();
    if (found?.Config.Image === image && found.State.Running) {
        await mendLab();
    } else {
        await removeContainer();
        await runContainer(image);
    }
    await untilAnswering();
}

/** Removes the container and the network, unless resolvers still use it; the image stays for the next start. */
export async function stopLab(): Promise<void> {
    const network = await inspectNetwork();
    const guests = Object.values(network?.Containers ?? {}).filter((guest) => guest.Name !== container);
    if (guests.length > 0) {
        throw new Error(
            `The lab's network ${labNetwork.name} is still used by ` +
                `${guests.map((guest) => guest.Name).join(", ")}. Destroy the stack they belong to first.`,
        );
    }
    await removeContainer();
    if (network) {
        await docker("network", "rm", labNetwork.name);
    }
}

/** The image is built of what stands beside it, and of the zones, which are made up here. */
export async function ensureLabImage(): Promise<string> {
    const context = mkdtempSync(join(tmpdir(), "recursive-dns-lab-"));
    try {
        cpSync(imageDirectory, context, { recursive: true });
        mkdirSync(join(context, "internet"));
        for (const [name, text] of Object.entries(contextFiles())) {
            writeFileSync(join(context, "internet", name), text);
        }
        return await ensureImage("lab", context, "--label", label);
    } finally {
        rmSync(context, { recursive: true });
    }
}

async function ensureNetwork(): Promise<void> {
    const { name, subnet, gateway, joinRange, subnet6, gateway6 } = labNetwork;
    const found = await inspectNetwork();
    if (found?.EnableIPv6) {
        return;
    }
    if (found) {
        await stopLab(); // it is of an earlier release
    }
    // Internal: a resolver that joins keeps its default route, and nothing leaks out of the lab.
    const addressing = [
        "--internal",
        "--subnet",
        subnet,
        "--gateway",
        gateway,
        "--ip-range",
        joinRange,
        "--ipv6",
        "--subnet",
        subnet6,
        "--gateway",
        gateway6,
    ];
    await docker("network", "create", "--label", label, ...addressing, name);
}

async function runContainer(image: string): Promise<void> {
    const [first] = servers.root;
    const network = ["--network", labNetwork.name, "--ip", v4(first), "--ip6", v6(first)];
    // NET_ADMIN gives the servers their addresses; SETUID and SETGID then give up all capabilities.
    const privileges = [
        ...["--cap-drop", "ALL", "--cap-add", "NET_ADMIN", "--cap-add", "SETUID", "--cap-add", "SETGID"],
        ...["--security-opt", "no-new-privileges", "--sysctl", "net.ipv4.ip_unprivileged_port_start=53"],
    ];
    const files = ["--read-only", "--tmpfs", "/tmp:size=16m", "--tmpfs", "/run/lab:size=32m"];
    const limits = [
        ...["--memory", "256m", "--memory-swap", "256m", "--pids-limit", "64"],
        ...["--log-opt", "max-size=1m", "--log-opt", "max-file=1"],
    ];
    await docker(
        ...["run", "--detach", "--name", container, "--label", label, "--restart", "unless-stopped"],
        ...[...network, ...privileges, ...files, ...limits, image],
    );
}

async function removeContainer(): Promise<void> {
    if (await inspectContainer()) {
        await docker("rm", "--force", container);
    }
}

async function untilAnswering(): Promise<void> {
    const deadline = Date.now() + startTimeoutMs;
    while ((await labState()) !== "answering") {
        if (Date.now() > deadline) {
            const logs = await docker("logs", "--tail", "20", container);
            throw new Error(`The lab does not answer after ${startTimeoutMs / 1000} s. It says:\n${logs}`);
        }
        await sleep(100);
    }
}

interface NetworkInspection {
    EnableIPv6: boolean;
    Containers: Record<string, { Name: string }>;
}

function inspectNetwork(): Promise<NetworkInspection | undefined> {
    return dockerInspect("network", labNetwork.name);
}

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { capture } from "./processes.mjs";
import { Problem, step } from "./steps.mjs";

const LOG = "/var/log/recursive-dns-dockerd.log";
/** Where Docker notes its processes, by the name of the process. */
const PID_FILES = { dockerd: "/run/docker.pid", containerd: "/run/docker/containerd/containerd.pid" };

/**
 * Installs packages of a Debian-like system.
 *
 * @param {readonly string[]} names
 */
export async function aptInstall(names) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const install = ["install", "--yes", "--no-install-recommends", ...names];
    for (const args of [["update"], install]) {
        const { code, err } = await capture("apt-get", args, { env });
        // One broken source of several is no reason to stop: what cannot be installed then says so.
        if (code !== 0 && args === install) {
            throw new Problem(
                `apt-get could not install ${names.join(", ")}:\n${err.trimEnd()}`,
                "Install them by hand.",
            );
        }
    }
}

export async function installDocker() {
    await step("installing Docker (about 1 minute, once)", async () => {
        await aptInstall(["docker.io", "iproute2", "iptables", "nftables"]);
        // From Debian 13 on, the client is a package of its own.
        if ((await capture("docker", ["--version"])).code !== 0) await aptInstall(["docker-cli"]);
    });
}

/**
 * Starts the Docker engine as a service, or by itself where there is no systemd (containers, CI machines).
 *
 * @param {() => Promise<boolean>} answers
 */
export async function startDocker(answers) {
    await step("starting Docker (some seconds)", async () => {
        const systemd = existsSync("/run/systemd/system");
        if (systemd) {
            await capture("systemctl", ["start", "docker"]);
        } else {
            forgetTheKilled();
            preferContainers();
            const log = openSync(LOG, "a");
            spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log] }).unref();
        }
        for (const end = Date.now() + 60_000; Date.now() < end; await delay(300)) {
            if (await answers()) return;
        }
        throw new Problem(
            "Docker was started but does not answer",
            `Its log: ${systemd ? "journalctl -u docker" : LOG}`,
        );
    });
}

/**
 * Gives the containers most of the processor when there is too little of it. Without systemd's slices the kernel counts all
 * of them together as much as one session of processes, such as an update that runs beside the service.
 */
function preferContainers() {
    const [group, weight, most] = existsSync("/sys/fs/cgroup/cpu/cpu.shares")
        ? ["/sys/fs/cgroup/cpu/docker", "cpu.shares", "4096"] // usually 1024
        : ["/sys/fs/cgroup/docker", "cpu.weight", "400"]; // usually 100
    try {
        mkdirSync(group, { recursive: true });
        writeFileSync(`${group}/${weight}`, most);
    } catch {
        // Where this is not ours to say, they get what they get.
    }
}

/**
 * Removes the pid files of a Docker that was killed. It leaves them, and the next one takes whatever process has that
 * number by now for its containerd, which it then waits for in vain.
 */
function forgetTheKilled() {
    for (const [name, file] of Object.entries(PID_FILES)) {
        if (!existsSync(file)) continue;
        const process = `/proc/${readFileSync(file, "utf8").trim()}/comm`;
        const alive = existsSync(process) && readFileSync(process, "utf8").trim() === name;
        if (!alive) rmSync(file);
    }
}

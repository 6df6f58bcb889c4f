import { existsSync } from "node:fs";
import { installDocker, startDocker } from "./docker-install.mjs";
import { NOT_FOUND, capture } from "./processes.mjs";
import { Problem } from "./steps.mjs";

const SOCKET = "unix:///var/run/docker.sock";

/** @typedef {"answers" | "no client" | "denied" | "silent"} Answer */

/**
 * Makes sure that a Docker engine answers, and selects it for the providers, which do not know Docker's contexts.
 * Installs one only where that is ours to do: nothing else is configured, and this is root on a Debian-like system.
 *
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function docker() {
    const chosen = process.env["DOCKER_HOST"] || (await contextHost());
    let answer = await ask();
    const ours = chosen === undefined && process.getuid?.() === 0 && existsSync("/etc/debian_version");
    if (ours && (answer === "no client" || answer === "silent")) {
        if (answer === "no client" || !existsSync("/usr/sbin/dockerd")) await installDocker();
        await startDocker(async () => (await ask()) === "answers");
        answer = await ask();
    }
    if (answer !== "answers") throw problem(answer, chosen ?? SOCKET);
    return chosen === undefined ? {} : { DOCKER_HOST: chosen };
}

/** The engine of the context that the docker command is set to, if it is not the default one. */
async function contextHost() {
    const { out } = await capture("docker", ["context", "show"]);
    if (["", "default"].includes(out.trim())) return undefined;
    const format = ["--format", "{{.Endpoints.docker.Host}}"];
    const { code, out: host } = await capture("docker", ["context", "inspect", out.trim(), ...format]);
    return code === 0 ? host.trim() : undefined;
}

/** @returns {Promise<Answer>} */
async function ask() {
    const { code, err } = await capture("docker", ["version", "--format", "{{.Server.Version}}"], {
        timeout: 15_000,
    });
    return understand(code, err);
}

/**
 * @param {number} code of `docker version`
 * @param {string} err
 * @returns {Answer}
 */
export function understand(code, err) {
    if (code === 0) return "answers";
    if (code === NOT_FOUND) return "no client";
    return /permission denied/i.test(err) ? "denied" : "silent";
}

/**
 * @param {Exclude<Answer, "answers">} answer
 * @param {string} host
 */
function problem(answer, host) {
    switch (answer) {
        case "no client":
            return new Problem(
                "there is no Docker on this machine",
                "Install Docker (docs.docker.com/engine/install), or run this as root on a Debian-like system, " +
                    "where it installs Docker itself.",
            );
        case "denied":
            return new Problem(
                `permission to use Docker at ${host} was denied`,
                'Become a member of its group (sudo usermod -aG docker "$USER", then log in again), or run this as root.',
            );
        case "silent":
            return new Problem(
                `no Docker engine answers at ${host}`,
                process.env["DOCKER_HOST"]
                    ? "DOCKER_HOST selects this engine: correct or unset it, or start the engine there."
                    : "Start it (sudo systemctl start docker, or Docker Desktop), then run this again.",
            );
    }
}

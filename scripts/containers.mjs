import { capture } from "./setup/processes.mjs";

/**
 * What `docker ps` prints of a stack's containers, whether they run or not.
 *
 * @param {string} stack its name, or organization/project/name
 * @param {string} format as `docker ps` takes it
 * @param {NodeJS.ProcessEnv} env
 */
export function stackContainers(stack, format, env) {
    const name = stack.split("/").pop() ?? stack;
    const filter = `label=recursive-dns.stack=recursive-dns/${name}`;
    return capture("docker", ["ps", "--all", "--no-trunc", "--filter", filter, "--format", format], { env });
}

/** dnsdist's console, in the container of a frontend. */
export const consoleClient = ["dnsdist", "-c", "-C", "/run/dnsdist/console.yml"];

/**
 * What a frontend says to a command on its console. The exit code says nothing of what came of it.
 *
 * @param {string} frontend
 * @param {string} lua
 * @param {NodeJS.ProcessEnv} env
 */
export function onConsole(frontend, lua, env) {
    return capture("docker", ["exec", frontend, ...consoleClient, "-e", lua], { env });
}

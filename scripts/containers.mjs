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

/**
 * The id of the container of a stack that runs and whose component's name ends with this; nothing when there is none.
 *
 * @param {string} stack
 * @param {string} component such as `steer`
 * @param {NodeJS.ProcessEnv} env
 */
export async function runningContainer(stack, component, env) {
    const format = '{{.ID}} {{.Label "recursive-dns.component"}} {{.State}}';
    const { out, err } = await stackContainers(stack, format, env);
    const [id] = new RegExp(`^\\w+(?= \\S+-${component} running$)`, "m").exec(out) ?? [];
    return { id, err };
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

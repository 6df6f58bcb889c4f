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

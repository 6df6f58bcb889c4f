// Why an update failed: what the containers themselves say, beside the engine's "container failed to be in healthy state".
import { stackContainers } from "./containers.mjs";
import { capture } from "./setup/processes.mjs";
import { say } from "./setup/steps.mjs";

/**
 * Prints the gate's diagnosis, and the last lines of each container of the stack that does not serve.
 *
 * @param {string} stack its name, or organization/project/name
 * @param {number} since when the update began: what was found before that is no news
 * @param {NodeJS.ProcessEnv} env
 */
export async function explain(stack, since, env) {
    for (const { id, container, component, status } of await containers(stack, env)) {
        if (/-steer$/.test(component) && /\(healthy\)/.test(status)) {
            for (const gate of ["admission", "announcement"]) {
                const file = `/run/site/${gate}/diagnosis`;
                const newer = `[ "$(stat -c %Y ${file})" -ge ${Math.floor(since / 1000)} ] && cat ${file}`;
                const { code, out } = await capture("docker", ["exec", id, "sh", "-c", newer], { env });
                if (code === 0) say(`what the gate found:\n${indented(out)}`);
            }
        }
        if (troubled(status)) {
            const { out, err } = await capture("docker", ["logs", "--tail", "15", id], { env });
            say(`${container}: ${status}. It last said:\n${indented(out + err)}`);
        }
    }
}

/**
 * Not serving though it should: crashing, or not healthy. What has never run, or ran to its good end, is well.
 *
 * @param {string} status as `docker ps` words it
 */
export function troubled(status) {
    return /^Restarting|\((unhealthy|health: starting)\)|^Exited \((?!0\))/.test(status);
}

/**
 * @param {string} stack
 * @param {NodeJS.ProcessEnv} env
 */
async function containers(stack, env) {
    const format = '{{.ID}}\t{{.Names}}\t{{.Label "recursive-dns.component"}}\t{{.Status}}';
    const { out } = await stackContainers(stack, format, env);
    return out
        .split("\n")
        .filter(Boolean)
        .map((line) => {
            const [id = "", container = "", component = "", status = ""] = line.split("\t");
            return { id, container, component, status };
        });
}

/** @param {string} text */
function indented(text) {
    return text.trimEnd().replace(/^/gm, "    ");
}

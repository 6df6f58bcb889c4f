// What an interrupted update has left behind: containers that Docker has and Pulumi's state does not.
import { stackContainers } from "./containers.mjs";
import { parseJson } from "./setup/json.mjs";
import { root } from "./setup/paths.mjs";
import { capture } from "./setup/processes.mjs";
import { say } from "./setup/steps.mjs";

/**
 * Removes them after an update that succeeded: nothing admits them any more.
 *
 * @param {string} stack its name, or organization/project/name
 * @param {NodeJS.ProcessEnv} env
 */
export async function sweep(stack, env) {
    const state = await capture("pulumi", ["stack", "export", "--stack", stack], { env, cwd: root });
    const docker = await stackContainers(stack, "{{.ID}} {{.Names}}", env);
    if (state.code !== 0 || docker.code !== 0) return;
    // One at a time: Docker 20.10 can lock up when containers of one network end together.
    for (const [id = "", container = ""] of leftovers(parseJson(state.out), docker.out)) {
        const { code } = await capture("docker", ["rm", "--force", "--volumes", id], { env });
        if (code === 0) say(`removed ${container}, which an interrupted update had left behind`);
    }
}

/**
 * @param {unknown} state as `pulumi stack export` prints it
 * @param {string} containers `id name` of each, a line each
 */
export function leftovers(state, containers) {
    const { deployment } = /** @type {{ deployment: { resources?: { type: string, id?: string }[] } }} */ (
        state
    );
    const known = (deployment.resources ?? []).map(({ id }) => id);
    return containers
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split(" "))
        .filter(([id]) => !known.includes(id));
}

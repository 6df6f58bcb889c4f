// What updates have left behind that were interrupted, or failed.
import { stackContainers } from "./containers.mjs";
import { parseJson } from "./setup/json.mjs";
import { root } from "./setup/paths.mjs";
import { capture } from "./setup/processes.mjs";
import { say } from "./setup/steps.mjs";

/**
 * Removes the containers that Docker has and Pulumi's state does not, after an update that succeeded: an interrupted one
 * has left them behind, and nothing admits them any more.
 *
 * @param {string} stack its name, or organization/project/name
 * @param {NodeJS.ProcessEnv} env
 */
export async function sweep(stack, env) {
    const state = await capture("pulumi", ["stack", "export", "--stack", stack], { env, cwd: root });
    const docker = await stackContainers(stack, "{{.ID}} {{.Names}}", env);
    if (state.code !== 0 || docker.code !== 0) return;
    await remove(leftovers(parseJson(state.out), docker.out), "an interrupted update had left behind", env);
}

/**
 * Removes the instances of updates before that failed, after one more that has. Pulumi would delete them only after one
 * that succeeds, and till then each try would leave another one, some of them starting over and over.
 *
 * @param {string} stack its name, or organization/project/name
 * @param {NodeJS.ProcessEnv} env
 */
export async function sweepFailures(stack, env) {
    const format = '{{.ID}} {{.Names}} {{.Label "recursive-dns.component"}}';
    const docker = await stackContainers(stack, format, env); // the newest first
    const [steer] = /^\w+(?= \S+ \S+-steer$)/m.exec(docker.out) ?? [];
    if (!steer) return;
    const site = ["--volumes-from", `${steer}:ro`];
    const image = await capture("docker", ["inspect", "--format", "{{.Image}}", steer], { env });
    const cat = ["--rm", ...site, "--network", "none", "--entrypoint", "cat", image.out.trim()];
    const { code, out } = await capture("docker", ["run", ...cat, "/run/site/admission/admitted"], { env });
    if (code === 0) await remove(superfluous(out, docker.out), "an update before had left behind", env);
}

/**
 * @param {readonly string[][]} containers id and name of each
 * @param {string} why
 * @param {NodeJS.ProcessEnv} env
 */
async function remove(containers, why, env) {
    // One at a time: Docker 20.10 can lock up when containers of one network end together.
    for (const [id = "", container = ""] of containers) {
        const { code } = await capture("docker", ["rm", "--force", "--volumes", id], { env });
        if (code === 0) say(`removed ${container}, which ${why}`);
    }
}

/**
 * The instances that are neither admitted nor the newest of their component, which is left for a person to look at.
 *
 * @param {string} admitted the list of what serves: see docs/operation.md
 * @param {string} containers `id name component` of each, a line each, the newest first
 */
export function superfluous(admitted, containers) {
    const serving = [...admitted.matchAll(/^\S+ ([0-9a-f]{12})$/gm)].map(([, id]) => id);
    if (serving.length === 0) return [];
    const newest = new Set();
    return containers
        .split("\n")
        .map((line) => line.split(" "))
        .filter(([id = "", , component = ""]) => {
            if (!/-(resolver-[a-z]-\d+|frontend|standby|steer)$/.test(component)) return false;
            const first = !newest.has(component);
            newest.add(component);
            return !first && !serving.includes(id.slice(0, 12));
        });
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

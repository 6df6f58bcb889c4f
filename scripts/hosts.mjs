// The Docker hosts that a stack is on: as its state has them, which is there even when an update has failed.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { parseJson } from "./setup/json.mjs";
import { root } from "./setup/paths.mjs";
import { capture } from "./setup/processes.mjs";
import { Problem } from "./setup/steps.mjs";

/**
 * @typedef {{ site: string, env: NodeJS.ProcessEnv }} Host a site, and the environment in which `docker` talks to its host
 * @typedef {{ host?: string, certPath?: string, sshOpts?: string }} Connection
 * @typedef {{ type: string, urn: string, inputs?: Connection }} Resource
 */

/** The site of a stack that has no `sites`. */
const ONLY = "dns";

/**
 * All hosts of a stack; that of the environment when nothing else is known.
 *
 * @param {string} stack
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Host[]>}
 */
export async function hostsOf(stack, env) {
    const { code, out } = await capture("pulumi", ["stack", "export", "--stack", stack], { env, cwd: root });
    return code === 0
        ? connections(parseJson(out)).map(({ site, ...connection }) => ({
              site,
              env: reach(connection, env),
          }))
        : [{ site: ONLY, env }];
}

/**
 * The host of one site: `STACK`, or `STACK:SITE` of a stack that has several.
 *
 * @param {string} where
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ stack: string, site: string, env: NodeJS.ProcessEnv }>}
 */
export async function hostOf(where, env) {
    const [stack = "", site] = where.split(":");
    const hosts = await hostsOf(stack, env);
    const found =
        hosts.length === 1 && site === undefined ? hosts[0] : hosts.find((host) => host.site === site);
    if (found) return { stack, ...found };
    const sites = hosts.map((host) => `${stack}:${host.site}`).join(", ");
    throw new Problem(
        site ? `${stack} has no site ${site}` : `${stack} has several sites`,
        `Say which: ${sites}`,
    );
}

/**
 * @param {unknown} state as `pulumi stack export` prints it
 * @returns {({ site: string } & Connection)[]}
 */
export function connections(state) {
    const { deployment } = /** @type {{ deployment: { resources?: Resource[] } }} */ (state);
    const providers = (deployment.resources ?? [])
        .filter(({ type }) => type === "pulumi:providers:docker")
        .map(({ urn, inputs = {} }) => ({ ...inputs, site: urn.split("::").pop() ?? "" }));
    const sites = providers.filter(({ site }) => !site.startsWith("default"));
    return sites.length > 0 ? sites : [{ ...providers[0], site: ONLY }];
}

/**
 * @param {Connection} connection
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
function reach({ host, certPath, sshOpts }, env) {
    if (!host) return env;
    const tls = certPath ? { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: resolve(root, certPath) } : {};
    const options = sshOpts ? /** @type {string[]} */ (JSON.parse(sshOpts)) : [];
    return {
        ...env,
        DOCKER_HOST: host,
        ...tls,
        ...(options.length > 0 ? { PATH: sshPath(options, env) } : {}),
    };
}

/**
 * Docker's own client takes no options for ssh: it finds one that has them.
 *
 * @param {readonly string[]} options
 * @param {NodeJS.ProcessEnv} env
 */
function sshPath(options, env) {
    const directory = mkdtempSync(join(tmpdir(), "recursive-dns-ssh-"));
    const quoted = options.map((option) => `'${option.replaceAll("'", "'\\''")}'`).join(" ");
    const path = env["PATH"] ?? "";
    writeFileSync(join(directory, "ssh"), `#!/bin/sh\nPATH='${path}'\nexec ssh ${quoted} "$@"\n`);
    chmodSync(join(directory, "ssh"), 0o700);
    process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
    return directory + delimiter + path;
}

// npm run cache -- clear NAME [STACK]: makes everybody forget a name and all below it: each resolver, Redis, each dnsdist.
import { setTimeout as sleep } from "node:timers/promises";
import { onConsole, stackContainers } from "./containers.mjs";
import { hostsOf } from "./hosts.mjs";
import { setUp } from "./setup/index.mjs";
import { capture } from "./setup/processes.mjs";
import { Problem, main, say } from "./setup/steps.mjs";

const usage = "npm run cache -- clear NAME [STACK]     (the whole cache: NAME is a dot)";

/** Redis is looked through from end to end, which takes about a second for a million entries. */
const longestSeconds = 60;

await main(async () => {
    const { name, stack } = options();
    for (const { site, env } of await hostsOf(stack, await setUp({ docker: true })))
        await clear(name, stack, site, env);
    return 0;
});

/**
 * Has everybody at a site forget a name.
 *
 * @param {string} name
 * @param {string} stack
 * @param {string} site
 * @param {NodeJS.ProcessEnv} env
 */
async function clear(name, stack, site, env) {
    const all = await running(stack, env);
    const resolvers = all.filter(({ component }) => /resolver-[a-z]-\d+$/.test(component));
    const frontends = all.filter(({ component }) => /dnsdist-(frontend|standby)$/.test(component));
    if (resolvers.length === 0)
        throw new Problem(
            `no resolver of the site ${site} of ${stack} runs on its Docker host`,
            "npm run up",
        );

    // The resolvers first: dnsdist would only ask them again.
    const problems = [];
    for (const resolver of resolvers) problems.push(...(await clearResolver(resolver, name, env)));
    for (const frontend of frontends) problems.push(...(await clearFrontend(frontend, name, env)));
    if (problems.length > 0)
        throw new Problem(`${site}: ${problems.join("\n")}`, "When that is mended, do it again.");
    say(
        `${site}: ${name} is forgotten: by ${resolvers.length} resolvers, by what they share, and by ${frontends.length} dnsdist`,
    );
}

function options() {
    const [verb, name = "", stack = "dev", ...more] = process.argv.slice(2);
    if (verb !== "clear" || !name || more.length > 0)
        throw new Problem("what is to be done with the cache?", usage);
    if (!/^(\.|([\w-]{1,63}\.)*[\w-]{1,63}\.?)$/.test(name) || name.length > 254)
        throw new Problem(`"${name}" is no domain name`, usage);
    return { name, stack };
}

/** @typedef {{ id: string, component: string }} Container */

/**
 * @param {string} stack
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Container[]>}
 */
async function running(stack, env) {
    const { out } = await stackContainers(
        stack,
        '{{.ID}} {{.State}} {{.Label "recursive-dns.component"}}',
        env,
    );
    return out
        .split("\n")
        .map((line) => line.split(" "))
        .flatMap(([id = "", state, component = ""]) => (state === "running" ? [{ id, component }] : []));
}

/**
 * The resolver tells the others, and clears Redis, too: what it does not know itself may be there, or known to them.
 *
 * @param {Container} resolver
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 */
async function clearResolver({ id, component }, name, env) {
    /** @param {string} lua */
    const control = async (lua) => {
        const { code, out, err } = await capture("docker", ["exec", id, "control", lua], { env });
        return code === 0 ? out.trim().replace(/^'|'$/g, "") : `error: ${err.trim()}`;
    };
    const alone = name === "." ? "cache.clear()" : `cache.clear('${name}')`;
    const begun = await control(`shared_cache and shared_cache.clear('${name}') or (${alone}) and 'alone'`);
    if (begun === "alone") return [];
    if (begun !== "begun") return [`${component}: ${begun}`];
    for (let second = 0; second < longestSeconds; second += 0.25) {
        if ((await control("shared_cache.counters().clearing")) === "0") return [];
        await sleep(250);
    }
    return [`${component}: not done within ${longestSeconds} s`];
}

/**
 * @param {Container} frontend
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 */
async function clearFrontend({ id, component }, name, env) {
    const cache = `getPool(""):getCache()`;
    const lua =
        name === "."
            ? `${cache}:expunge(0)`
            : `${cache}:expungeByName(newDNSName("${name}"), DNSQType.ANY, true)`;
    const { code, out, err } = await onConsole(id, lua, env);
    return code === 0 && !/error/i.test(out) ? [] : [`${component}: ${(err || out).trim()}`];
}

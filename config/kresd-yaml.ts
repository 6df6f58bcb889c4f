import { cacheNamespace } from "./cache-namespace";
import { toYaml } from "./yaml";
import { resolverName } from "./names";
import { type ResolvedStale, staleSchema } from "./stale";
import type { ResolvedResolvers } from "./resolvers";

/** Where the cache is that the instances share. */
export interface SharedCacheAddress {
    readonly host: string;
    readonly port: number;
    readonly database: number;
    readonly user: string;

    /** Whether the instances come with a password, and whether TLS is spoken. */
    readonly password: boolean;
    readonly tls: boolean;
}

/** What the instances read of their shared cache beside this configuration: secrets, and whom to trust. */
export const sharedCacheFiles = {
    directory: "/etc/shared-cache",
    keys: "keys",
    password: "password",
    authority: "authority.pem",
} as const;

/**
 * The configuration of one service's instances, as Knot Resolver's YAML.
 * https://www.knot-resolver.cz/documentation/stable/config-overview.html
 *
 * @param hostname what the instances call themselves (NSID)
 * @param shared where the cache is that they share, if they do
 */
export function kresdYaml(
    settings: ResolvedResolvers,
    hostname: string,
    shared?: SharedCacheAddress,
): string {
    const ownRoot = settings.trustAnchors?.some(isRoot);
    const stale = settings.serveStale ?? staleSchema.parse({});
    const script = [
        ...internet(settings),
        ...serveStale(stale),
        ...(shared ? sharedCache(shared, cacheNamespace(settings), stale) : []),
    ]
        .map((line) => `${line}\n`)
        .join("");
    return toYaml({
        rundir: "/run/knot-resolver",
        hostname,
        workers: 1,
        // Only Knot Resolver's own manager would listen here, and it does not run: but the key must be set.
        management: { "unix-socket": "/run/knot-resolver/manager.sock" },
        // Statistics are counted, for whoever asks the control socket.
        monitoring: { metrics: "always" },
        logging: { level: "notice", target: "stdout" },
        network: {
            "do-ipv6": settings.ipv6,
            listen: [{ interface: "0.0.0.0@53" }],
        },
        cache: {
            storage: "/var/cache/knot-resolver",
            "size-max": `${settings.cacheMiB}M`,
        },
        ...(stale.seconds > 0 && { options: { "serve-stale": true } }),
        // Upstream's limits per client would all fall on dnsdist, the only client: it limits clients itself.
        defer: { enable: false },
        // The root keys come with the image, which cannot write: rebuild it to roll them.
        ...(ownRoot
            ? {}
            : {
                  dnssec: { "trust-anchors-files": [{ file: "/usr/share/dns/root.key", "read-only": true }] },
              }),
        "local-data": { records: `${resolverName} 1 TXT "ok"\n` },
        ...(script ? { lua: { script } } : {}),
    });
}

/** What Knot Resolver's YAML cannot say: where another root is, and that its keys stand in place of the Internet's. */
function internet({ rootHints, trustAnchors = [] }: ResolvedResolvers): string[] {
    const lines = [];
    if (rootHints) {
        const servers = Object.entries(rootHints).map(
            ([name, addresses]) => `[${quoted(absolute(name))}] = { ${addresses.map(quoted).join(", ")} }`,
        );
        lines.push("modules.load('hints > iterate')", `hints.root({ ${servers.join(", ")} })`);
    }
    if (trustAnchors.some(isRoot)) lines.push("trust_anchors.remove('.')");
    lines.push(...trustAnchors.map((anchor) => `trust_anchors.add(${quoted(anchor)})`));
    return lines;
}

/**
 * And for how long it answers what has expired: a day, it would be, and only after 3 s of trying; dnsdist waits for one.
 * https://www.knot-resolver.cz/documentation/stable/config-serve-stale.html
 */
function serveStale({ seconds, ttl }: ResolvedStale): string[] {
    // A module of our image, which has to come before what it may let answer.
    if (seconds === 0) return ["modules.load('outage < cache')"];
    return [
        "modules.load('outage < serve_stale')",
        "serve_stale.timeout = 350",
        `local function stale(expired) return expired + ${seconds} > 0 and ${ttl} or -1 end`,
        "jit.off(stale)", // https://github.com/LuaJIT/LuaJIT/issues/1498
        "serve_stale.callback = require('ffi').cast('kr_stale_cb', stale)",
    ];
}

/** A module of our image, in C: see `images/knot-resolver/shared-cache`. */
function sharedCache(shared: SharedCacheAddress, namespace: string, stale: ResolvedStale): string[] {
    const { directory, keys, password, authority } = sharedCacheFiles;
    const file = (name: string) => quoted(`${directory}/${name}`);
    return [
        "modules.load('shared_cache')",
        "shared_cache.config({",
        `  host = ${quoted(shared.host)}, port = ${shared.port}, database = ${shared.database}, user = ${quoted(shared.user)},`,
        `  namespace = ${quoted(namespace)}, key_file = ${file(keys)},`,
        ...(shared.password ? [`  password_file = ${file(password)},`] : []),
        ...(shared.tls ? [`  ca_file = ${file(authority)},`] : []),
        `  stale_seconds = ${stale.seconds}, ready = ${quoted(resolverName)},`,
        "})",
    ];
}

const isRoot = (anchor: string) => /^\.\s/.test(anchor);
const absolute = (name: string) => (name.endsWith(".") ? name : `${name}.`);

/** A Lua string. The schema lets no backslash or line break through; quotes are the same as in JSON. */
const quoted = (text: string) => JSON.stringify(text.replace(/\s+/g, " "));

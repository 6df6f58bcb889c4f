import { dns64Yaml, prefetchYaml, ttlYaml } from "./answers";
import { cacheNamespace } from "./cache-namespace";
import { forwardYaml } from "./forwards";
import { type KresdFiles, placesOf } from "./kresd-files";
import { ownLua } from "./kresd-lua";
import { limitsYaml } from "./limits";
import { localDataYaml } from "./local-data";
import { resolverName } from "./names";
import { nsidLua } from "./nsid";
import { type Conflict, laidOver, refuseConflicts } from "./passthrough";
import { type ResolvedResolvers, isRoot } from "./resolvers";
import { type ResolvedStale, staleSchema } from "./stale";
import { viewYaml } from "./views";
import { toYaml } from "./yaml";

/** Where the cache is that the instances share. */
export interface SharedCacheAddress {
    /** Its name or address, or the path of its socket. */
    readonly host: string;

    /**
     * @default 6379
     */
    readonly port?: number | undefined;
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
 * @param hostname what the instances call themselves
 * @param files what they read beside it
 * @param shared where the cache is that they share, if they do
 * @throws InvalidSettings when `resolvers.extra` would change what is set here
 */
export function kresdYaml(
    settings: ResolvedResolvers,
    hostname: string,
    files: KresdFiles = {},
    shared?: SharedCacheAddress,
): string {
    const conflicts: Conflict[] = [];
    const merged = laidOver(instance(settings, hostname, files, shared), settings.extra, conflicts);
    refuseConflicts("resolvers", conflicts);
    return toYaml(merged);
}

function instance(
    settings: ResolvedResolvers,
    hostname: string,
    files: KresdFiles,
    shared: SharedCacheAddress | undefined,
) {
    const { dnssec, forwards, views, localData, dns64, ttl, prefetch, lua, limits, nsid } = settings;
    const stale = settings.serveStale ?? staleSchema.parse({});
    const place = placesOf(files);
    const script = [
        ...internet(settings),
        ...serveStale(stale),
        ...(shared ? sharedCache(shared, cacheNamespace(settings), stale) : []),
        ...(nsid ? nsidLua(hostname, nsid) : []),
        ...ownLua(lua, place),
    ]
        .map((line) => `${line}\n`)
        .join("");
    return {
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
            // Which of its addresses that is, is known when it starts: images/knot-resolver/listen.lua.
            listen: [{ interface: "0.0.0.0@53" }],
        },
        cache: {
            storage: "/var/cache/knot-resolver",
            "size-max": `${settings.cacheMiB}M`,
            ...ttlYaml(ttl),
            ...prefetchYaml(prefetch),
        },
        options: {
            "serve-stale": stale.seconds > 0,
            "rebinding-protection": settings.rebindingProtection,
        },
        ...limitsYaml(limits),
        dnssec: validation(dnssec, settings.trustAnchors?.some(isRoot) ?? false),
        ...(views.length > 0 && { views: views.map(viewYaml) }),
        "local-data": localDataYaml(localData, `${resolverName} 1 TXT "ok"\n`, place),
        ...(forwards.length > 0 && { forward: forwards.map((forward) => forwardYaml(forward, place)) }),
        ...(dns64 && { dns64: dns64Yaml(dns64) }),
        lua: { script },
    };
}

/** Where keys of the root are followed as they roll (RFC 5011), and what an instance has seen of them is kept. */
export const rootKeys = "/var/lib/knot-resolver";

function validation(
    { negativeTrustAnchors, keyRollover, logFailures }: ResolvedResolvers["dnssec"],
    ownRoot: boolean,
) {
    // The root keys come with the image, which cannot write: rebuild it to roll them.
    const byImage = { file: "/usr/share/dns/root.key", "read-only": true };
    const followed = { file: `${rootKeys}/root.key`, "read-only": false };
    return {
        ...(!ownRoot && { "trust-anchors-files": [keyRollover === "image" ? byImage : followed] }),
        ...(negativeTrustAnchors.length > 0 && { "negative-trust-anchors": negativeTrustAnchors }),
        ...(logFailures && { "log-bogus": true }),
    };
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
    // Modules of our image: one has to come before what it may let answer, and one after.
    const sure = "modules.load('outage_sure > cache')";
    if (seconds === 0) return ["modules.load('outage < cache')", sure];
    return [
        "modules.load('outage < serve_stale')",
        sure,
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
    const port = shared.port === undefined ? "" : `port = ${shared.port}, `;
    return [
        "modules.load('shared_cache')",
        "shared_cache.config({",
        `  host = ${quoted(shared.host)}, ${port}database = ${shared.database}, user = ${quoted(shared.user)},`,
        `  namespace = ${quoted(namespace)}, key_file = ${file(keys)},`,
        ...(shared.password ? [`  password_file = ${file(password)},`] : []),
        ...(shared.tls ? [`  ca_file = ${file(authority)},`] : []),
        `  stale_seconds = ${stale.seconds}, ready = ${quoted(resolverName)},`,
        "})",
    ];
}

const absolute = (name: string) => (name.endsWith(".") ? name : `${name}.`);

/** A Lua string. The schema lets no backslash or line break through; quotes are the same as in JSON. */
const quoted = (text: string) => JSON.stringify(text.replace(/\s+/g, " "));

import type { ResolvedDnsdist } from "./dnsdist";
import { toLua } from "./lua";
import { resolverName } from "./names";
import { Conflict, laidOver, refuseConflicts } from "./passthrough";
import type { ResolvedPool } from "./pools";
import { connectionTuning } from "./protection";
import type { ResolvedTls } from "./tls";
import { toYaml } from "./yaml";

/**
 * What a generation of dnsdist starts with and keeps: what can change while it runs is in `rules.ts`. What only its start
 * can know stands as `@DNS@`, `@DOT@`, `@DOH@`, `@PROXIED@`, `@CONSOLE@`, `@WEB@` (ports), `@INSTANCE@`, `@CONSOLE_KEY@`,
 * `@WEB_PASSWORD@`, `@API_KEY@`, and in the backend `@NAME@`, `@ADDRESS@` and `@POOLS@`; `images/dnsdist/frontend` fills it in.
 * https://www.dnsdist.org/reference/yaml-settings.html
 *
 * @throws InvalidSettings when `dnsdist.extra` would change what is set here
 */
export function dnsdistYaml(settings: ResolvedDnsdist): string {
    const conflicts: Conflict[] = [];
    const merged = laidOver(generation(settings), settings.extra, conflicts);
    // These come from elsewhere, and a second list in the file would not be read.
    for (const key of ["acl", "backends"])
        if (key in settings.extra) conflicts.push(new Conflict([key], settings.extra[key]));
    refuseConflicts("dnsdist", conflicts);
    return toYaml(merged);
}

function generation(settings: ResolvedDnsdist) {
    const { packetCache, outageCache } = settings;
    return {
        binds: binds(settings),
        console: { listen_address: "127.0.0.1:@CONSOLE@", key: "@CONSOLE_KEY@", acl: ["127.0.0.0/8"] },
        ...webserver(settings),
        packet_caches: [
            {
                name: "answers",
                size: packetCache.entries,
                shards: 16,
                max_negative_ttl: packetCache.negativeSeconds,
                temporary_failure_ttl: 5,
                // Clients that take more than the resolvers ever send by UDP share their answers.
                payload_ranks: [1232],
                stale_ttl: outageCache.ttl,
                // Without this the next cleaning removes what has expired, and an outage finds nothing to serve.
                keep_stale_data: true,
            },
        ],
        pools: [{ name: "", packet_cache: "answers" }],
        cache_settings: {
            stale_entries_ttl: outageCache.seconds,
            cleaning_delay: 60,
            cleaning_percentage: 100,
        },
        // Otherwise a query that no resolver can take is dropped, and its client waits for nothing.
        load_balancing_policies: { servfail_on_no_server: true },
        timeout_response_rules: [retryRule],
        // dnsdist would ask its maker for known vulnerabilities by DNS, through these very resolvers.
        security_polling: { polling_interval: 0, suffix: "" },
        // Five seconds of what a client may ask, for several clients at once: protection.lua looks that far back.
        ring_buffers: { size: 50_000, shards: 10 },
        tuning: {
            // Each slot is allocated for each backend at once: 65,535, upstream's default, would take 34 MiB a backend.
            udp: { timeout: 1, max_outstanding_per_backend: 8192 },
            tcp: {
                worker_threads: settings.threads,
                send_timeout: 5,
                outgoing_max_idle_time: 30,
                ...connectionTuning(settings.protection),
            },
        },
        general: { server_id: "@INSTANCE@", edns_udp_payload_size_self_generated_answers: 1232 },
    };
}

/** Where it listens, on ports of its own: nothing comes there but what is steered, and what the host itself asks. */
function binds(settings: ResolvedDnsdist) {
    const { tls } = settings;
    const onBoth = (port: string, protocol: string, more: object = {}) =>
        ["0.0.0.0", "[::]"].map((address) => ({
            listen_address: `${address}:${port}`,
            protocol,
            reuseport: true,
            threads: settings.threads,
            tcp: {
                max_in_flight_queries: 100,
                listen_queue_size: 1024,
                // A client that has been here before sends its query with its SYN, if the host lets it: net.ipv4.tcp_fastopen.
                fast_open_queue_size: 256,
                max_concurrent_connections: settings.protection.connections.total,
            },
            ...more,
        }));
    if (!tls) return onBoth("@DNS@", "Do53");
    const { doh, doq, doh3 } = tls;
    const http = {
        paths: [doh.path],
        idle_timeout: settings.protection.connections.idleSeconds,
    };
    const encryption = { tls: encrypted(tls) };
    // On the ports of TLS and HTTP/2: those are TCP.
    const overQuic = (port: string, protocol: string, more: object = {}) =>
        ["0.0.0.0", "[::]"].map((address) => ({
            listen_address: `${address}:${port}`,
            protocol,
            ...encryption,
            quic: { idle_timeout: settings.protection.connections.idleSeconds },
            ...more,
        }));
    return [
        ...onBoth("@DNS@", "Do53"),
        ...(tls.dot.enabled ? onBoth("@DOT@", "DoT", encryption) : []),
        ...(doh.enabled ? onBoth("@DOH@", "DoH", { ...encryption, doh: http }) : []),
        ...(doq.enabled
            ? overQuic("@DOT@", "DoQ", { doq: { max_concurrent_queries_per_connection: 100 } })
            : []),
        ...(doh3.enabled ? overQuic("@DOH@", "DoH3", { doh: { paths: [doh.path] } }) : []),
        // Who the client is, and whether it may ask, is known with its query only.
        ...(doh.behindProxy
            ? onBoth("@PROXIED@", "DoH", {
                  doh: { ...http, trust_forwarded_for_header: true, early_acl_drop: false },
              })
            : []),
    ];
}

function encrypted(tls: ResolvedTls) {
    const file = (name: string) => `/run/dnsdist/tls/${name}.pem`;
    return {
        certificates: [{ certificate: file("certificate"), key: file("key") }],
        minimum_version: `tls${tls.minimumVersion}`,
        tickets_keys_rotation_delay: tls.ticketKeySeconds,
    };
}

/** It listens everywhere, but nothing comes to these ports except what is steered there, and what the host itself asks. */
function webserver({ webserver: { enabled, address, acl } }: ResolvedDnsdist) {
    if (!enabled) return {};
    return {
        webserver: {
            // One of the two: its sockets for IPv6 take IPv4 as well, and the other would find its port in use.
            listen_addresses: [address.includes(":") ? "[::]:@WEB@" : "0.0.0.0:@WEB@"],
            password: "@WEB_PASSWORD@",
            api_key: "@API_KEY@",
            acl,
        },
    };
}

/** Asks another resolver once when one does not answer: `retryOnce` stands in `images/dnsdist/dnsdist.lua`. */
const retryRule = {
    name: "retry",
    selector: { type: "All" },
    action: { type: "Lua", function_name: "retryOnce" },
};

/**
 * How every resolver is used and checked. A failed one is noticed within 2 x (1 s + 1 s), and until then the retry covers
 * for it: with less patience a host that is short of CPU time for a moment would lose all its resolvers at once. One
 * socket each makes removing it instant.
 */
const check = { interval: 1, timeoutMilliseconds: 1000, failures: 2, rise: 1 };
const limits = { sockets: 1, udpTimeout: 1, inFlight: 100, tcpRetries: 2, connect: 1, send: 2, receive: 2 };

const yamlLimits = {
    protocol: "Do53",
    sockets: limits.sockets,
    udp_timeout: limits.udpTimeout,
    max_in_flight: limits.inFlight,
    reconnect_on_up: true,
    tcp: {
        retries: limits.tcpRetries,
        connect_timeout: limits.connect,
        send_timeout: limits.send,
        receive_timeout: limits.receive,
    },
};
const yamlCheck = {
    mode: "auto",
    interval: check.interval,
    timeout: check.timeoutMilliseconds,
    max_failures: check.failures,
    rise: check.rise,
};
const luaLimits = {
    sockets: limits.sockets,
    udpTimeout: limits.udpTimeout,
    maxInFlight: limits.inFlight,
    reconnectOnUp: true,
    retries: limits.tcpRetries,
    tcpConnectTimeout: limits.connect,
    tcpSendTimeout: limits.send,
    tcpRecvTimeout: limits.receive,
    healthCheckMode: "auto",
    checkInterval: check.interval,
    checkTimeout: check.timeoutMilliseconds,
    maxCheckFailures: check.failures,
    rise: check.rise,
};

/** A resolver in the start-up configuration: one item of the list `backends`. */
export function backendYaml({ proxyProtocol }: ResolvedDnsdist): string {
    return toYaml([
        {
            name: "@NAME@",
            address: "@ADDRESS@",
            pools: "@POOLS@",
            ...yamlLimits,
            use_proxy_protocol: proxyProtocol,
            health_checks: { ...yamlCheck, qname: resolverName, qtype: "TXT", must_resolve: true },
        },
    ]);
}

/** The same for one that is added at run time: what Lua's `newServer` takes beside name and address. */
export function backendLua({ proxyProtocol }: ResolvedDnsdist): string {
    const asked = { checkName: resolverName, checkType: "TXT", mustResolve: true };
    return `return ${toLua({ ...luaLimits, useProxyProtocol: proxyProtocol, ...asked })}\n`;
}

/** What a pool's servers are called: `backends.lua` tells them from resolvers by the `#`. */
const serverName = (pool: string, server: string) => `${pool}#${server}`;

/** The name that they are checked by: of somebody else's server all one can ask is an answer to what it is there for. */
const checkedName = ({ domains }: ResolvedPool) => `${domains?.[0] ?? ""}.`.replace(/\.\.$/, ".");

/** The servers of pools, as items of the start-up configuration's list `backends`; empty when there are none. */
export function poolServersYaml({ pools }: ResolvedDnsdist): string {
    const servers = pools.flatMap((settings) =>
        settings.servers.map((server) => ({
            name: serverName(settings.name, server),
            address: server,
            pools: [settings.name],
            ...yamlLimits,
            health_checks: { ...yamlCheck, qname: checkedName(settings), qtype: "SOA", must_resolve: false },
        })),
    );
    return servers.length > 0 ? toYaml(servers) : "";
}

/** The same servers for `newServer`, by name. */
export function poolServers({ pools }: ResolvedDnsdist) {
    return Object.fromEntries(
        pools.flatMap((settings) =>
            settings.servers.map((server) => [
                serverName(settings.name, server),
                {
                    address: server,
                    pool: settings.name,
                    ...luaLimits,
                    checkName: checkedName(settings),
                    checkType: "SOA",
                    mustResolve: false,
                },
            ]),
        ),
    );
}

import { toYaml } from "./yaml";
import type { ResolvedDnsdist } from "./dnsdist";
import { frontendName, resolverName } from "./names";

/**
 * dnsdist's files for one generation. What only its start can know stands as `@DNS@`, `@CONSOLE@` (ports),
 * `@INSTANCE@`, `@CONSOLE_KEY@`, and in the backend `@NAME@` and `@ADDRESS@`; `images/dnsdist/frontend` fills it in.
 * https://www.dnsdist.org/reference/yaml-settings.html
 *
 * @param serviceAddresses may always ask, and so may the host: a client there asks from the address that it asks
 */
export function dnsdistYaml(settings: ResolvedDnsdist, serviceAddresses: readonly string[]): string {
    const { packetCache, outageCache } = settings;
    const hosts = serviceAddresses.map((address) =>
        address.includes(":") ? `${address}/128` : `${address}/32`,
    );
    const bind = (listen: string) => ({
        listen_address: listen,
        protocol: "Do53",
        reuseport: true,
        threads: settings.threads,
        tcp: { max_in_flight_queries: 100, listen_queue_size: 1024 },
    });
    return toYaml({
        binds: [bind("0.0.0.0:@DNS@"), bind("[::]:@DNS@")],
        acl: [...new Set([...settings.acl, "127.0.0.0/8", "::1/128", ...hosts])],
        console: { listen_address: "127.0.0.1:@CONSOLE@", key: "@CONSOLE_KEY@", acl: ["127.0.0.0/8"] },
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
        pools: [{ name: "", packet_cache: "answers", policy: "leastOutstanding" }],
        cache_settings: {
            stale_entries_ttl: outageCache.seconds,
            cleaning_delay: 60,
            cleaning_percentage: 100,
        },
        // Otherwise a query that no resolver can take is dropped, and its client waits for nothing.
        load_balancing_policies: { servfail_on_no_server: true },
        query_rules: [frontendRule, resolverRule, restartableRule],
        timeout_response_rules: [retryRule],
        // dnsdist would ask its maker for known vulnerabilities by DNS, through these very resolvers.
        security_polling: { polling_interval: 0, suffix: "" },
        ring_buffers: { size: 10_000, shards: 10 },
        tuning: {
            // Each slot is allocated for each backend at once: 65,535, upstream's default, would take 34 MiB a backend.
            udp: { timeout: 1, max_outstanding_per_backend: 8192 },
            tcp: {
                worker_threads: settings.threads,
                receive_timeout: 5,
                send_timeout: 5,
                outgoing_max_idle_time: 30,
            },
        },
        general: { server_id: "@INSTANCE@", edns_udp_payload_size_self_generated_answers: 1232 },
    });
}

/** Answers with this generation's name: who asks the service address learns where it leads. */
const frontendRule = {
    name: "frontend",
    selector: { type: "QNameSet", qnames: [frontendName] },
    action: { type: "SpoofRaw", answers: ["\u000c@INSTANCE@"], qtype_for_any: "TXT", vars: { ttl: 0 } },
};

/** Whether the resolvers answer must not come from the packet cache. */
const resolverRule = {
    name: "resolver",
    selector: { type: "QNameSet", qnames: [resolverName] },
    action: { type: "SetSkipCache" },
};

/** Marks queries as fit for a second try. Per thread and by FFI: a plain Lua rule would wait for the global lock. */
const restartableRule = {
    name: "restartable",
    selector: { type: "All" },
    action: {
        type: "LuaFFIPerThread",
        code: [
            'local C = require("ffi").C',
            "return function(query)",
            "  C.dnsdist_ffi_dnsquestion_set_restartable(query)",
            "  return DNSAction.None",
            "end",
            "",
        ].join("\n"),
    },
};

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

/** A backend of the start-up configuration: one item of the list `backends`. */
export function backendYaml(): string {
    return toYaml([
        {
            name: "@NAME@",
            address: "@ADDRESS@",
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
            health_checks: {
                mode: "auto",
                qname: resolverName,
                qtype: "TXT",
                interval: check.interval,
                timeout: check.timeoutMilliseconds,
                max_failures: check.failures,
                rise: check.rise,
                must_resolve: true,
            },
        },
    ]);
}

/** The same backend for one that is added at run time: what Lua's `newServer` takes beside name and address. */
export function backendLua(): string {
    const fields = {
        sockets: limits.sockets,
        udpTimeout: limits.udpTimeout,
        maxInFlight: limits.inFlight,
        reconnectOnUp: true,
        retries: limits.tcpRetries,
        tcpConnectTimeout: limits.connect,
        tcpSendTimeout: limits.send,
        tcpRecvTimeout: limits.receive,
        healthCheckMode: "auto",
        checkName: resolverName,
        checkType: "TXT",
        checkInterval: check.interval,
        checkTimeout: check.timeoutMilliseconds,
        maxCheckFailures: check.failures,
        rise: check.rise,
        mustResolve: true,
    };
    const lines = Object.entries(fields).map(([key, value]) => `  ${key} = ${JSON.stringify(value)},`);
    return `return {\n${lines.join("\n")}\n}\n`;
}

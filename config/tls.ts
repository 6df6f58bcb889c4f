import { z } from "zod";
import { count, distinct, domainName, filePath, group, steeredPort, subnet } from "./fields";

/**
 * Encrypted DNS: over TLS (RFC 7858), over HTTP/2 (RFC 8484), and with an image that can also over QUIC (RFC 9250) and
 * HTTP/3 (RFC 9114). Clients find it by themselves (DDR, RFC 9462).
 */
export interface TlsSettings {
    /** The name that clients know the service by. The certificate has to be for it, and for the addresses if DDR shall verify. */
    readonly name: string;

    /**
     * A file on the machine that runs Pulumi: the certificate and those between it and its authority, in PEM. See also
     * `RecursiveDnsArgs.tlsCertificate`. Another certificate is taken in place.
     * @default each dnsdist makes one for itself: good for development, as no client can check it
     */
    readonly certificate?: string;

    /**
     * A file with the certificate's private key in PEM. Or `RecursiveDnsArgs.tlsKey`, `pulumi config set --secret tlsKey`.
     * @default none
     */
    readonly key?: string;

    /**
     * The oldest version of TLS that is spoken.
     * @default "1.2"
     */
    readonly minimumVersion?: "1.2" | "1.3";

    /**
     * How long a key encrypts session tickets, in seconds, 60 to 604,800. Four that were used before still decrypt.
     * @default 14400
     */
    readonly ticketKeySeconds?: number;

    readonly dot?: DotSettings;

    readonly doh?: DohSettings;

    readonly doq?: QuicSettings;

    /** DNS over HTTP/3, at {@link DohSettings.path}. Its port may be that of {@link doh}: this is UDP. */
    readonly doh3?: QuicSettings;
}

/** DNS over TLS. */
export interface DotSettings {
    /**
     * @default true
     */
    readonly enabled?: boolean;

    /**
     * Its port at the service addresses, 1 to 65535, but not 20000 to 31999.
     * @default 853
     */
    readonly port?: number;
}

/** DNS over HTTP/2. */
export interface DohSettings {
    /**
     * @default true
     */
    readonly enabled?: boolean;

    /**
     * Its port at the service addresses, 1 to 65535, but not 20000 to 31999.
     * @default 443
     */
    readonly port?: number;

    /**
     * The path of its URL.
     * @default "/dns-query"
     */
    readonly path?: string;

    /**
     * For reverse proxies, which speak TLS with clients: HTTP/2 in plain text, and the last address of `X-Forwarded-For` is
     * the client's.
     * @default none
     */
    readonly behindProxy?: BehindProxySettings;
}

export interface BehindProxySettings {
    /** The subnets of the proxies. From nowhere else can this port be reached: others could claim to be anybody. */
    readonly proxies: readonly string[];

    /** The port at the service addresses, 1 to 65535, but not 20000 to 31999. */
    readonly port: number;
}

/** Protocols over QUIC, which our image's dnsdist, Debian's, is built without: `images.dnsdist` has to name another. */
export interface QuicSettings {
    /**
     * @default false
     */
    readonly enabled?: boolean;

    /**
     * Its UDP port at the service addresses, 1 to 65535, but not 20000 to 31999.
     * @default 853 for `doq`, 443 for `doh3`
     */
    readonly port?: number;
}

const flag = z.boolean("must be true or false");
const quic = (port: number) =>
    group({ enabled: flag.default(false), port: steeredPort.default(port) }).prefault({});

export const tlsSchema = group({
    name: domainName,
    certificate: filePath.optional(),
    key: filePath.optional(),
    minimumVersion: z.enum(["1.2", "1.3"], "must be 1.2 or 1.3, as a text").default("1.2"),
    ticketKeySeconds: count(60, 604_800).default(14_400),
    dot: group({ enabled: flag.default(true), port: steeredPort.default(853) }).prefault({}),
    doh: group({
        enabled: flag.default(true),
        port: steeredPort.default(443),
        path: z
            .string("must be a path")
            .regex(/^\/[\w./~-]*$/, "must be a path, such as /dns-query")
            .default("/dns-query"),
        behindProxy: group({
            proxies: distinct(subnet).min(1, "must name at least one subnet"),
            port: steeredPort,
        }).optional(),
    }).prefault({}),
    doq: quic(853),
    doh3: quic(443),
});

export type ResolvedTls = z.output<typeof tlsSchema>;

import ipaddr from "ipaddr.js";
import { z } from "zod";
import { distinct, domainName, filePath, group, normalName } from "./fields";

/**
 * Servers that the resolvers ask, for some domains or for all, in place of those that the Internet names.
 * https://www.knot-resolver.cz/documentation/stable/config-forward.html
 */
export interface ForwardSettings {
    /**
     * The domains, each with all names below it.
     * @default every name
     */
    readonly domains?: readonly string[];

    /** The servers. Knot Resolver asks the one that it finds the fastest. */
    readonly servers: readonly (string | ForwardServer)[];

    /**
     * Whether they know the domains themselves (`authorities`), or ask others (`resolvers`).
     * @default "resolvers"
     */
    readonly to?: "resolvers" | "authorities";

    /**
     * Whether their answers are validated. For domains of your own without signatures below a signed one that does not
     * know them, it has to be false.
     * @default true
     */
    readonly validate?: boolean;
}

/** A server that is asked by TLS (RFC 7858), and how it shows that it is the one. */
export interface ForwardServer {
    /** `address`, or `address@port`. The port is 853 if it is not there. */
    readonly address: string;

    /** The name that its certificate is for. It stands here, or {@link pins} do. */
    readonly name?: string;

    /**
     * A file on the machine that runs Pulumi: the authorities that may have signed its certificate, in PEM.
     * @default the authorities of the Knot Resolver image, Debian's
     */
    readonly authority?: string;

    /** In place of a name: the SHA-256 digests of public keys that it may have, in Base64 (RFC 7858, appendix A). */
    readonly pins?: readonly string[];
}

const serverAddress = z.string("must be a server").refine((text) => {
    const [, address = "", port = "53"] = /^([^@]*)(?:@(\d{1,5}))?$/.exec(text) ?? [];
    return ipaddr.isValid(address) && Number(port) > 0 && Number(port) < 65536;
}, "must be an IP address, or one with a port, such as 192.0.2.53@5300");

const tlsServer = group({
    address: serverAddress,
    name: domainName.optional(),
    authority: filePath.optional(),
    pins: distinct(
        z
            .string("must be a digest")
            .regex(/^[A-Za-z\d+/]{43}=$/, "must be a SHA-256 digest in Base64: 44 characters"),
    )
        .min(1, "must hold at least one digest; leave it out instead")
        .optional(),
}).superRefine(({ name, authority, pins }, context) => {
    const problem = (path: string, message: string, input: unknown) =>
        context.addIssue({ code: "custom", path: [path], message, input });
    if ((name === undefined) === (pins === undefined))
        problem("name", "must stand here, or pins, and not both: it would be asked whoever it is", name);
    if (authority !== undefined && name === undefined)
        problem("authority", "must not stand here without a name", authority);
});

export const forwardsSchema = z
    .array(
        group({
            domains: distinct(domainName, normalName)
                .min(1, "must name at least one domain; leave it out for every name")
                .default(["."]),
            servers: z
                .array(z.union([serverAddress, tlsServer], "must be a server"))
                .min(1, "must name at least one server")
                .max(4, "must name at most 4 servers, which is what Knot Resolver takes"),
            to: z.enum(["resolvers", "authorities"], "must be resolvers or authorities").default("resolvers"),
            validate: z.boolean("must be true or false").default(true),
        }).superRefine(({ to, servers }, context) => {
            servers.forEach((server, index) => {
                if (to === "resolvers" || (typeof server === "string" && !server.includes("@"))) return;
                const message =
                    "must be an address alone: Knot Resolver asks authorities without TLS, and at port 53";
                context.addIssue({ code: "custom", path: ["servers", index], message, input: server });
            });
        }),
    )
    .superRefine((forwards, context) => {
        const seen = new Set<string>();
        forwards.forEach(({ domains }, index) => {
            domains.forEach((domain, at) => {
                const key = normalName(domain);
                if (seen.has(key)) {
                    const message = "must not stand in two forwards";
                    context.addIssue({
                        code: "custom",
                        path: [index, "domains", at],
                        message,
                        input: domain,
                    });
                }
                seen.add(key);
            });
        });
    })
    .default([]);

export type ResolvedForward = z.output<typeof forwardsSchema>[number];

/** As Knot Resolver's YAML has it. `file` says where a file of the machine that runs Pulumi will be. */
export function forwardYaml(
    { domains, servers, to, validate }: ResolvedForward,
    file: (source: string) => string,
) {
    return {
        subtree: domains,
        servers: servers.map((server) =>
            typeof server === "string"
                ? { address: [server] }
                : {
                      address: [server.address.includes("@") ? server.address : `${server.address}@853`],
                      transport: "tls",
                      ...(server.name && { hostname: server.name }),
                      ...(server.authority && { "ca-file": file(server.authority) }),
                      ...(server.pins && { "pin-sha256": server.pins }),
                  },
        ),
        options: { authoritative: to === "authorities", dnssec: validate },
    };
}

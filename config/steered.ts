import type { ResolvedTls } from "./tls";

/** What the service address steers to dnsdist. */
export interface Steered {
    /** What is listened for there, as `images/service-address/table` knows it. */
    readonly what: "service" | "dot" | "doh" | "doq" | "doh3" | "proxied" | "web";

    readonly protocols: readonly ("UDP" | "TCP")[];

    /** The group of settings that it comes from. */
    readonly setting: string;

    readonly address: string;
    readonly port: number;
}

/** The settings that say so. */
export interface SteeringSettings {
    readonly serviceAddress: { readonly addresses: readonly string[]; readonly port: number };
    readonly dnsdist: {
        readonly tls?: ResolvedTls | undefined;
        readonly webserver: { readonly enabled: boolean; readonly address: string; readonly port: number };
    };
}

/** All that a site steers. */
export function steered({ serviceAddress, dnsdist: { tls, webserver } }: SteeringSettings): Steered[] {
    const at = (addresses: readonly string[], steered: Omit<Steered, "address">): Steered[] =>
        addresses.map((address) => ({ ...steered, address }));
    const encrypted = (what: "dot" | "doh" | "doq" | "doh3", protocol: "UDP" | "TCP") =>
        tls?.[what].enabled
            ? at(serviceAddress.addresses, {
                  what,
                  protocols: [protocol],
                  setting: `dnsdist.tls.${what}`,
                  port: tls[what].port,
              })
            : [];
    const proxied = tls?.doh.behindProxy;
    return [
        ...at(serviceAddress.addresses, {
            what: "service",
            protocols: ["UDP", "TCP"],
            setting: "serviceAddress",
            port: serviceAddress.port,
        }),
        ...encrypted("dot", "TCP"),
        ...encrypted("doh", "TCP"),
        ...encrypted("doq", "UDP"),
        ...encrypted("doh3", "UDP"),
        ...(proxied
            ? at(serviceAddress.addresses, {
                  what: "proxied",
                  protocols: ["TCP"],
                  setting: "dnsdist.tls.doh.behindProxy",
                  port: proxied.port,
              })
            : []),
        ...(webserver.enabled
            ? at([webserver.address], {
                  what: "web",
                  protocols: ["TCP"],
                  setting: "dnsdist.webserver",
                  port: webserver.port,
              })
            : []),
    ];
}

import type { ResolvedTls } from "./tls";

/** What the service address steers to dnsdist. */
export interface Steered {
    /** What is listened for there, as `images/service-address/table` knows it. */
    readonly what: "service" | "dot" | "doh" | "proxied" | "web";

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
    const everywhere = (what: Steered["what"], setting: string, port: number) =>
        serviceAddress.addresses.map((address) => ({ what, setting, address, port }));
    const proxied = tls?.doh.behindProxy;
    return [
        ...everywhere("service", "serviceAddress", serviceAddress.port),
        ...(tls?.dot.enabled ? everywhere("dot", "dnsdist.tls.dot", tls.dot.port) : []),
        ...(tls?.doh.enabled ? everywhere("doh", "dnsdist.tls.doh", tls.doh.port) : []),
        ...(proxied ? everywhere("proxied", "dnsdist.tls.doh.behindProxy", proxied.port) : []),
        ...(webserver.enabled
            ? [
                  {
                      what: "web" as const,
                      setting: "dnsdist.webserver",
                      address: webserver.address,
                      port: webserver.port,
                  },
              ]
            : []),
    ];
}

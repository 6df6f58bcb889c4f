import { z } from "zod";
import { type AnycastSettings, checkAnycast, anycastSchema } from "./anycast";
import { type CacheSettings, cacheSchema } from "./cache";
import { group, normalAddress, steeredPort } from "./fields";
import { type DnsdistSettings, dnsdistSchema } from "./dnsdist";
import { neededMiB } from "./dnsdist-memory";
import { type ImageSettings, imagesSchema } from "./images";
import { resolve } from "./resolve";
import { type ResolverSettings, resolversSchema } from "./resolvers";
import { type RolloutSettings, rolloutSchema } from "./rollout";
import { type ServiceAddressSettings, serviceAddressSchema } from "./service-address";
import { type Steered, type SteeringSettings, steered } from "./steered";
import { type VrrpSettings, checkVrrp, vrrpSchema } from "./vrrp";
import { type ResolvedWebserver, webOffset } from "./webserver";

/** Everything that a person may set of a site. What is left out has the default that its documentation names. */
export interface Settings {
    readonly serviceAddress?: ServiceAddressSettings;
    readonly dnsdist?: DnsdistSettings;
    readonly resolvers?: ResolverSettings;
    readonly cache?: CacheSettings;

    /**
     * Announces the service addresses by BGP.
     * @default none: routing leads to them by itself
     */
    readonly anycast?: AnycastSettings;

    /**
     * Has two hosts of one network hold the service addresses in turn, by VRRP.
     * @default none: they stay at this host
     */
    readonly vrrp?: VrrpSettings;

    readonly images?: ImageSettings;
    readonly rollout?: RolloutSettings;
}

const schema = group({
    serviceAddress: serviceAddressSchema.prefault({}),
    dnsdist: dnsdistSchema.prefault({}),
    resolvers: resolversSchema.prefault({}),
    cache: cacheSchema.prefault({}),
    anycast: anycastSchema.optional(),
    vrrp: vrrpSchema.optional(),
    images: imagesSchema.prefault({}),
    rollout: rolloutSchema.prefault({}),
})
    .superRefine(({ dnsdist, resolvers, serviceAddress, anycast, vrrp, images }, context) => {
        if (context.issues.length > 0) return; // what is wrong by itself is not worth comparing
        const problem = (path: (string | number)[], message: string, input: unknown) =>
            context.addIssue({ code: "custom", path, message, input });
        const web = withPort(dnsdist.webserver, serviceAddress);
        if (web.enabled && !steeredPort.safeParse(web.port).success) {
            const message = `must be set, as ${webOffset} above the service port ${serviceAddress.port} is no port for it`;
            problem(["dnsdist", "webserver", "port"], message, dnsdist.webserver.port);
        }
        for (const { setting, address, port, other } of clashes({
            serviceAddress,
            dnsdist: { ...dnsdist, webserver: web },
        }))
            problem(
                [...setting.split("."), "port"],
                `must not be that of ${other} at ${address} as well`,
                port,
            );
        for (const what of ["doq", "doh3"] as const) {
            if (!dnsdist.tls?.[what].enabled || images.dnsdist) continue;
            const message =
                "needs an image whose dnsdist speaks QUIC, in images.dnsdist (ours, Debian's, does not: see examples/quic)";
            problem(["dnsdist", "tls", what, "enabled"], message, true);
        }
        resolvers.views.forEach(({ name }, index) => {
            if (!dnsdist.pools.some((pool) => pool.name === name)) return;
            const message = "must not be the name of one of dnsdist.pools as well";
            problem(["resolvers", "views", index, "name"], message, name);
        });
        if (anycast)
            checkAnycast(anycast, serviceAddress.addresses, (path, ...rest) =>
                problem(["anycast", ...path], ...rest),
            );
        if (vrrp)
            checkVrrp(vrrp, serviceAddress.addresses, (path, ...rest) => problem(["vrrp", ...path], ...rest));
        if (anycast && vrrp) problem(["vrrp", "id"], "must not be set beside anycast", vrrp.id);
        const instances = resolvers.services * resolvers.instances;
        const { packetCache, protection } = dnsdist;
        const needed = neededMiB(dnsdist, instances);
        if (dnsdist.memoryMiB < needed) {
            const message = `must be at least ${needed} for ${packetCache.entries} cached answers, ${instances} resolver instances and ${protection.connections.total} connections of each kind`;
            problem(["dnsdist", "memoryMiB"], message, dnsdist.memoryMiB);
        }
    })
    .transform(({ resolvers, dnsdist, ...settings }) => ({
        ...settings,
        dnsdist: { ...dnsdist, webserver: withPort(dnsdist.webserver, settings.serviceAddress) },
        resolvers: { ...resolvers, serveStale: resolvers.serveStale ?? dnsdist.outageCache },
    }));

function withPort(webserver: ResolvedWebserver, service: { port: number }) {
    return { ...webserver, port: webserver.port ?? service.port + webOffset };
}

/** What would be steered to two places: each setting that comes too late, once, and the one that was first. */
function clashes(settings: SteeringSettings) {
    const first = new Map<string, string>();
    const late = new Map<string, Steered & { readonly other: string }>();
    for (const claim of steered(settings)) {
        for (const protocol of claim.protocols) {
            const place = `${normalAddress(claim.address)}#${claim.port}/${protocol}`;
            const other = first.get(place);
            if (other === undefined) first.set(place, claim.setting);
            else if (!late.has(claim.setting)) late.set(claim.setting, { ...claim, other });
        }
    }
    return late.values();
}

/** The settings with every default filled in. */
export type ResolvedSettings = z.output<typeof schema>;

/**
 * Checks the settings of a site and fills in the defaults.
 * @throws InvalidSettings naming all problems
 */
export const resolveSettings = (settings?: unknown): ResolvedSettings => resolve(schema, settings);

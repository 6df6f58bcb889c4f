import { z } from "zod";
import { type CacheSettings, cacheSchema } from "./cache";
import { group, steeredPort } from "./fields";
import { type DnsdistSettings, dnsdistSchema } from "./dnsdist";
import { type ImageSettings, imagesSchema } from "./images";
import { resolve } from "./resolve";
import { type ResolverSettings, resolversSchema } from "./resolvers";
import { type RolloutSettings, rolloutSchema } from "./rollout";
import { type ServiceAddressSettings, serviceAddressSchema } from "./service-address";
import { type ResolvedWebserver, webOffset } from "./webserver";

/** Everything that a person may set of a site. What is left out has the default that its documentation names. */
export interface Settings {
    readonly serviceAddress?: ServiceAddressSettings;
    readonly dnsdist?: DnsdistSettings;
    readonly resolvers?: ResolverSettings;
    readonly cache?: CacheSettings;
    readonly images?: ImageSettings;
    readonly rollout?: RolloutSettings;
}

const schema = group({
    serviceAddress: serviceAddressSchema.prefault({}),
    dnsdist: dnsdistSchema.prefault({}),
    resolvers: resolversSchema.prefault({}),
    cache: cacheSchema.prefault({}),
    images: imagesSchema.prefault({}),
    rollout: rolloutSchema.prefault({}),
})
    .superRefine(({ dnsdist, resolvers, serviceAddress }, context) => {
        if (context.issues.length > 0) return; // what is wrong by itself is not worth comparing
        const problem = webProblem(dnsdist.webserver, serviceAddress);
        if (problem) context.addIssue({ code: "custom", path: ["dnsdist", "webserver", "port"], ...problem });
        const instances = resolvers.services * resolvers.instances;
        const { entries } = dnsdist.packetCache;
        // Measured: 0.3 KiB an answer, 4.3 MiB a backend. While resolvers are replaced there are twice as many.
        const needed = 48 + Math.ceil(entries / 2048) + 2 * 5 * instances;
        if (dnsdist.memoryMiB < needed) {
            context.addIssue({
                code: "custom",
                path: ["dnsdist", "memoryMiB"],
                message: `must be at least ${needed} for ${entries} cached answers and ${instances} resolver instances`,
                input: dnsdist.memoryMiB,
            });
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

function webProblem(webserver: ResolvedWebserver, service: { addresses: string[]; port: number }) {
    const { address, port } = withPort(webserver, service);
    const clash = port === service.port && service.addresses.includes(address);
    if (clash) return { message: `must not be the service's own port of ${address}`, input: port };
    if (!webserver.enabled || steeredPort.safeParse(port).success) return undefined;
    const message = `must be set, as ${webOffset} above the service port ${service.port} is no port for it`;
    return { message, input: webserver.port };
}

/** The settings with every default filled in. */
export type ResolvedSettings = z.output<typeof schema>;

/**
 * Checks the settings of a site and fills in the defaults.
 * @throws InvalidSettings naming all problems
 */
export const resolveSettings = (settings?: unknown): ResolvedSettings => resolve(schema, settings);

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { rulesOf } from "../config/rules";
import { type ResolvedSettings, type Settings, resolveSettings } from "../config/settings";
import { answering } from "../config/answering";
import { kresdFiles } from "../config/kresd-files";
import { steered } from "../config/steered";
import { dividedAddresses } from "../config/vrrp";
import { Anycast } from "./anycast";
import { type CacheAccess, externalServer, signingKeys } from "./cache-access";
import { certificateOf } from "./certificate";
import { labels } from "./container";
import { Dnsdist } from "./dnsdist";
import { imagesOf } from "./images";
import { inTurn } from "./in-turn";
import { RedisCache } from "./redis-cache";
import { ResolverService } from "./resolver-service";
import { Rollout } from "./rollout";
import { ServiceAddress } from "./service-address";
import { Vrrp } from "./vrrp";

export interface RecursiveDnsArgs {
    /**
     * What differs from the defaults.
     * @default {}
     */
    readonly settings?: Settings;

    /**
     * The password of the cache server that `cache.external` names.
     * @default none
     */
    readonly cachePassword?: pulumi.Input<string>;

    /**
     * The key that signs what resolvers share, at least 32 characters; or two on a line each while one is rolled, of
     * which the first signs. Several sites with the same key and the same `cache.external` share their caches; a stack
     * with the key of one that was destroyed can use the volume that `cache.retain` has kept.
     * @default random ones, by `cache.signingKeys`
     */
    readonly cacheKey?: pulumi.Input<string>;

    /**
     * The certificate of encrypted DNS in PEM, with those between it and its authority; in place of a file that
     * `dnsdist.tls.certificate` names.
     * @default none
     */
    readonly tlsCertificate?: pulumi.Input<string>;

    /**
     * Its private key in PEM; in place of a file that `dnsdist.tls.key` names.
     * @default none
     */
    readonly tlsKey?: pulumi.Input<string>;

    /**
     * The passwords of the sessions with `anycast.neighbors`, by their addresses (RFC 2385: TCP MD5).
     * @default {}
     */
    readonly anycastPasswords?: pulumi.Input<Readonly<Record<string, string>> | undefined>;
}

/**
 * A site: one Docker host that answers recursive DNS queries.
 *
 * ```
 * clients -> service address -> dnsdist -> services of Knot Resolver instances -> one shared Redis
 * ```
 *
 * The host is that of the Docker provider in the options, or else of the environment.
 * @throws InvalidSettings naming all problems of the settings
 */
export class RecursiveDns extends pulumi.ComponentResource {
    /** Where clients ask, as `address:port`; IPv6 addresses stand in brackets. */
    public readonly endpoints: pulumi.Output<string[]>;

    /** Where dnsdist's dashboard, API and metrics are, if there is a web server. */
    public readonly dashboard: pulumi.Output<string> | undefined;

    /** The password of the dashboard, for any user name; and the key of the API and metrics. Both are secrets. */
    public readonly webPassword: pulumi.Output<string>;
    public readonly apiKey: pulumi.Output<string>;

    constructor(name: string, args: RecursiveDnsArgs = {}, options?: pulumi.ComponentResourceOptions) {
        super("recursive-dns:index:RecursiveDns", name, {}, options);
        const settings = resolveSettings(args.settings);
        const asked = answering(settings.resolvers, kresdFiles(settings.resolvers));
        const rules = rulesOf(settings.dnsdist, settings.serviceAddress.addresses, asked);
        const { addresses, port } = settings.serviceAddress;
        const { virtual, fixed } = settings.vrrp
            ? dividedAddresses(settings.vrrp, addresses)
            : { virtual: [], fixed: addresses };
        const { patienceSeconds } = settings.rollout;
        const { webserver: web, tls } = settings.dnsdist;
        const certificate = certificateOf(tls, args);
        const claims = steered(settings);
        const parent = { parent: this };
        const images = imagesOf(name, settings, parent);

        const site = new docker.Volume(`${name}-site`, { labels: labels() }, parent).name;
        const pool = this.poolNetwork(name, settings);
        const serviceAddress = new ServiceAddress(
            `${name}-address`,
            {
                steered: claims,
                virtual,
                proxies: tls?.doh.behindProxy?.proxies,
                image: images.serviceAddress,
                site,
                patienceSeconds,
            },
            parent,
        );
        const redis = this.ownRedis(name, settings, images.redis);
        const cache = this.cacheAccess(name, settings, redis, args);
        const resolvers = inTurn<ResolverService>(
            serviceNames(settings.resolvers.services),
            (service, before) =>
                new ResolverService(
                    `${name}-${service}`,
                    {
                        settings: settings.resolvers,
                        image: images.resolver,
                        converter: images.converter,
                        pool,
                        cache,
                        site,
                        patienceSeconds,
                    },
                    // By order alone: no output of Redis is an input here, or its every change would replace resolvers.
                    { ...parent, dependsOn: [serviceAddress, ...(redis ? [redis] : []), ...before] },
                ),
        );
        const dnsdist = new Dnsdist(
            `${name}-dnsdist`,
            {
                settings: settings.dnsdist,
                image: images.dnsdist,
                certified: certificate !== undefined,
                site,
                patienceSeconds,
            },
            { ...parent, dependsOn: serviceAddress },
        );
        const rollout = new Rollout(
            `${name}-rollout`,
            {
                resolvers: instancesOf(Object.values(resolvers)),
                frontend: dnsdist.instance,
                standby: dnsdist.standby,
                serviceAddress: serviceAddress.instance,
                rules,
                certificate,
                steered: claims,
                addresses: fixed,
                port,
                image: images.serviceAddress,
                site,
                patienceSeconds,
            },
            parent,
        );

        const announcement = {
            serviceAddresses: addresses,
            port,
            outageSeconds: settings.dnsdist.outageCache.seconds,
            site,
            patienceSeconds,
        };
        // So it is the first to go on destroy, and nothing is announced that is not there.
        const last = { ...parent, dependsOn: rollout };
        const led =
            settings.anycast && images.anycast
                ? new Anycast(
                      `${name}-anycast`,
                      {
                          ...announcement,
                          settings: settings.anycast,
                          passwords: args.anycastPasswords,
                          image: images.anycast,
                      },
                      last,
                  )
                : settings.vrrp && images.vrrp
                  ? new Vrrp(
                        `${name}-vrrp`,
                        { ...announcement, settings: settings.vrrp, image: images.vrrp },
                        last,
                    )
                  : rollout;

        // Whoever depends on these waits for the rollout, and for the announcement.
        this.endpoints = led.done.apply(() => addresses.map((address) => endpoint(address, port)));
        this.dashboard = web.enabled
            ? rollout.done.apply(() => `http://${endpoint(web.address, web.port)}/`)
            : undefined;
        this.webPassword = dnsdist.webPassword;
        this.apiKey = dnsdist.apiKey;
        this.registerOutputs({
            endpoints: this.endpoints,
            dashboard: this.dashboard,
            webPassword: this.webPassword,
            apiKey: this.apiKey,
        });
    }

    /** The network where dnsdist asks the resolvers, and from where they ask the Internet, if it is not the host's own. */
    private poolNetwork(name: string, { resolvers: { network, subnet } }: ResolvedSettings) {
        if (network === "host") return undefined;
        return new docker.Network(
            `${name}-pool`,
            subnet
                ? { labels: labels(), ipamConfigs: [{ subnet }] }
                : // Without the label the provider would keep a subnet that is no longer set.
                  { labels: labels({ "recursive-dns.subnet": "automatic" }) },
            { parent: this },
        ).name;
    }

    /** The Redis or Valkey of this site. */
    private ownRedis(name: string, { cache }: ResolvedSettings, image: pulumi.Input<string> | undefined) {
        if (!image) return undefined;
        return new RedisCache(`${name}-redis`, { settings: cache, image }, { parent: this });
    }

    private cacheAccess(
        name: string,
        { cache }: ResolvedSettings,
        redis: RedisCache | undefined,
        { cachePassword, cacheKey }: RecursiveDnsArgs,
    ): CacheAccess | undefined {
        const server = redis?.server ?? externalServer(cache, cachePassword);
        return server && { server, keys: signingKeys(`${name}-cache`, cache, cacheKey, { parent: this }) };
    }
}

const endpoint = (address: string, port: number) =>
    `${address.includes(":") ? `[${address}]` : address}:${port}`;

/** resolver-a, resolver-b, ... */
function serviceNames(count: number): string[] {
    return Array.from({ length: count }, (_, index) => `resolver-${String.fromCharCode(97 + index)}`);
}

/** The container ids of all services' instances, by name. */
function instancesOf(services: readonly ResolverService[]): Record<string, pulumi.Output<string>> {
    return Object.fromEntries(services.flatMap(({ instances }) => Object.entries(instances)));
}

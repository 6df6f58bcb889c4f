import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { statSync } from "node:fs";
import { digestOf } from "../config/digest";
import { type KresdFiles, kresdFiles } from "../config/kresd-files";
import { type SharedCacheAddress, kresdYaml, rootKeys, sharedCacheFiles } from "../config/kresd-yaml";
import { cacheSocket } from "../config/names";
import { type ResolverSettings, resolversSchema } from "../config/resolvers";
import { resolve } from "../config/resolve";
import { defaultPatienceSeconds } from "../config/rollout";
import type { CacheAccess } from "./cache-access";
import { container, labels } from "./container";
import { assertConverted } from "./converted";
import { inTurn } from "./in-turn";

export interface ResolverServiceArgs {
    /**
     * What differs from the defaults.
     * @default {}
     */
    readonly settings?: ResolverSettings;

    /** The Knot Resolver image, and the converter of its configuration, of the same version. */
    readonly image: pulumi.Input<string>;
    readonly converter: pulumi.Input<string>;

    /**
     * The network where dnsdist asks the instances, and from where they ask the Internet, by name.
     * @default the host's own
     */
    readonly pool?: pulumi.Input<string> | undefined;

    /**
     * The Redis or Valkey by which the instances share what they learn.
     * @default none: each keeps what it learns to itself
     */
    readonly cache?: CacheAccess;

    /** The volume of the site's register. */
    readonly site: pulumi.Input<string>;

    /**
     * How long each instance may take to be healthy, in seconds, before the update fails.
     * @default 60
     */
    readonly patienceSeconds?: number;
}

/** The user that Knot Resolver runs as: it owns what is its in our image. */
const user = 5301;

/** Instances of Knot Resolver with one configuration, which upstream's own tool validates before any of them starts. */
export class ResolverService extends pulumi.ComponentResource {
    /** The container ids by instance name: what the rollout admits. */
    public readonly instances: Readonly<Record<string, pulumi.Output<string>>>;

    constructor(name: string, args: ResolverServiceArgs, options?: pulumi.ComponentResourceOptions) {
        super("recursive-dns:index:ResolverService", name, {}, options);
        const settings = resolve(resolversSchema, args.settings, "resolvers");
        const { cache, pool, patienceSeconds = defaultPatienceSeconds } = args;
        const files = kresdFiles(settings);
        const yaml = kresdYaml(settings, name, files, cache && addressOf(cache));

        const converted = this.convert(name, yaml, files, args);
        const followed = settings.dnssec.keyRollover === "rfc5011" ? this.followedKeys(name) : {};
        const rules = ruleMiB(files);
        const instances = inTurn<docker.Container>(
            names(name, settings.instances),
            (instanceName, before, index) =>
                container(
                    instanceName,
                    {
                        image: args.image,
                        user,
                        networks: pool ? [pool, ...settings.networks] : "host",
                        // Which of its addresses to listen at, and the name of its control socket.
                        environment: {
                            ...(pool ? { POOL_NETWORK: pool } : {}),
                            SYSTEMD_INSTANCE: "kresd",
                        },
                        volumes: {
                            "/etc/knot-resolver": { volume: converted.volume, readOnly: true },
                            "/run/site": { volume: args.site },
                            ...(cache?.server.socket
                                ? { [cacheSocket.directory]: { volume: cache.server.socket, readOnly: true } }
                                : {}),
                            ...followed,
                        },
                        ...(settings.cpus ? { cpus: settings.cpus[index % settings.cpus.length] } : {}),
                        ...(cache ? { files: filesOf(cache) } : {}),
                        memoryDirectories: {
                            "/run/knot-resolver": 32 + rules,
                            "/var/cache/knot-resolver": settings.cacheMiB + 24,
                        },
                        memoryMiB: settings.memoryMiB + rules,
                        processes: 1024,
                        readySeconds: patienceSeconds,
                        stopSeconds: 10,
                        labels: { "recursive-dns.configuration": converted.digest },
                    },
                    { parent: this, dependsOn: [...before] },
                ),
        );
        this.instances = Object.fromEntries(
            Object.entries(instances).map(([instanceName, { id }]) => [instanceName, id]),
        );
        this.registerOutputs({ instances: this.instances });
    }

    /** What the instances have seen of the root's keys outlives them, or each would wait a month for a new key again. */
    private followedKeys(name: string) {
        const { name: volume } = new docker.Volume(
            `${name}-root-keys`,
            { labels: labels() },
            { parent: this },
        );
        return { [rootKeys]: { volume } };
    }

    /** Converts the YAML to what kresd reads, on a volume of its own. A bad one fails the update right here. */
    private convert(name: string, yaml: string, files: KresdFiles, args: ResolverServiceArgs) {
        const rules = ruleMiB(files);
        const digest = digestOf(yaml);
        const volume = new docker.Volume(
            `${name}-configuration`,
            {
                labels: labels({
                    "recursive-dns.configuration": digest,
                    "recursive-dns.converter": args.converter,
                }),
            },
            { parent: this },
        );
        const job = container(
            `${name}-convert`,
            {
                kind: "job",
                image: args.converter,
                user,
                networks: "none",
                volumes: { "/converted": { volume: volume.name } },
                files: { directory: "/etc/knot-resolver", contents: { "config.yaml": yaml, ...files } },
                memoryDirectories: {
                    "/run/knot-resolver": 16 + rules,
                    "/var/cache/knot-resolver": 32,
                },
                memoryMiB: 256 + rules,
                processes: 1024,
                readySeconds: 60,
                stopSeconds: 5,
            },
            { parent: this },
        );
        const verdict = pulumi.all([job.exitCode, job.containerLogs]).apply(([code, log]) => {
            assertConverted(name, code, log);
            return digest;
        });
        return { volume: volume.name, digest: verdict };
    }
}

/** Room for the rules that are made of files, in MiB. Measured: 80 bytes a name, less than four times the file. */
const ruleMiB = (files: KresdFiles) =>
    Math.ceil(
        Object.values(files).reduce((sum, { source }) => sum + statSync(source).size, 0) / (256 * 1024),
    );

function addressOf({ server }: CacheAccess): SharedCacheAddress {
    const { host, port, database, user, password, tlsAuthority } = server;
    return { host, port, database, user, password: password !== undefined, tls: tlsAuthority !== undefined };
}

function filesOf({ server, keys }: CacheAccess) {
    const { directory, ...names } = sharedCacheFiles;
    return {
        directory,
        contents: {
            [names.keys]: keys,
            ...(server.password ? { [names.password]: server.password } : {}),
            ...(server.tlsAuthority ? { [names.authority]: server.tlsAuthority } : {}),
        },
    };
}

/** resolver-a-1, resolver-a-2, ... */
const names = (service: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${service}-${index + 1}`);

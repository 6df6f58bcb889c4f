import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createHash } from "node:crypto";
import { type CacheSettings, cacheSchema } from "../config/cache";
import { cacheSocket } from "../config/names";
import { redisAcl, redisConf, resolverUser } from "../config/redis-conf";
import { resolve } from "../config/resolve";
import type { CacheServer } from "./cache-access";
import { container, labels } from "./container";
import { rotated } from "./rotated";

export interface RedisCacheArgs {
    /**
     * What differs from the defaults.
     * @default {}
     */
    readonly settings?: CacheSettings;

    readonly image: pulumi.Input<string>;
}

/** The user that Redis runs as: it owns what is its in our image. */
const user = 5303;

/**
 * The cache that all resolvers share: Redis or Valkey, with its data on a volume. It is in no network: the resolvers have
 * its socket on another volume, whatever network they are in.
 *
 * It is the one part that is replaced in place, as its volume cannot have two writers. Nobody waits for it: the
 * resolvers answer from their own caches meanwhile, and give it what it has missed.
 */
export class RedisCache extends pulumi.ComponentResource {
    /** Where and as whom resolvers find it. */
    public readonly server: CacheServer;

    constructor(name: string, args: RedisCacheArgs, options?: pulumi.ComponentResourceOptions) {
        super("recursive-dns:index:RedisCache", name, {}, options);
        const settings = resolve(cacheSchema, args.settings, "cache");
        const parent = { parent: this };

        const password = new random.RandomPassword(
            `${name}-password`,
            { length: 32, special: false, ...rotated(settings.passwordRotation) },
            parent,
        ).result;
        const data = new docker.Volume(
            `${name}-data`,
            {
                labels: labels(),
                ...(settings.retain
                    ? { name: `${pulumi.getProject()}-${pulumi.getStack()}-${name}-data` }
                    : {}),
            },
            { ...parent, retainOnDelete: settings.retain },
        );
        const socket = new docker.Volume(`${name}-socket`, { labels: labels() }, parent).name;
        container(
            `${name}-server`,
            {
                image: args.image,
                user,
                networks: "none",
                volumes: {
                    "/data": { volume: data.name },
                    [cacheSocket.directory]: { volume: socket },
                },
                files: {
                    directory: "/etc/cache",
                    contents: {
                        "cache.conf": redisConf(settings),
                        "users.acl": password.apply(digest).apply(redisAcl),
                    },
                },
                memoryDirectories: { "/run/cache": 1 },
                // Measured: what it holds takes half as much again. While it writes its file anew there are two of it, and what
                // changes meanwhile lies in both.
                memoryMiB: 64 + settings.maxMemoryMiB * 3,
                processes: 64,
                readySeconds: 60,
                stopSeconds: 15,
            },
            { ...parent, deleteBeforeReplace: true },
        );
        this.server = {
            host: cacheSocket.path,
            socket,
            database: 0,
            user: resolverUser,
            password,
        };
        this.registerOutputs({ server: this.server });
    }
}

const digest = (password: string) => createHash("sha256").update(password).digest("hex");

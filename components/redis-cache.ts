import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createHash } from "node:crypto";
import { type RedisSettings, redisSchema } from "../config/redis";
import { resolve } from "../config/resolve";
import { redisAcl, redisConf } from "../config/redis-conf";
import { container, labels } from "./container";
import { rotated } from "./rotated";

export interface RedisCacheArgs {
    /**
     * What differs from the defaults.
     * @default {}
     */
    readonly settings?: RedisSettings;

    readonly image: pulumi.Input<string>;

    /** The network that it shares with the resolvers alone, by name. */
    readonly network: pulumi.Input<string>;
}

/** The user that Redis runs as: it owns what is its in our image. */
const user = 5303;

/**
 * The cache that all resolvers share: Redis or Valkey, with its data on a volume.
 *
 * It is the one part that is replaced in place, as its volume cannot have two writers. Nobody waits for it: the
 * resolvers answer from their own caches meanwhile.
 */
export class RedisCache extends pulumi.ComponentResource {
    /** The resolvers' password. */
    public readonly password: pulumi.Output<string>;

    constructor(name: string, args: RedisCacheArgs, options?: pulumi.ComponentResourceOptions) {
        super("recursive-dns:index:RedisCache", name, {}, options);
        const settings = resolve(redisSchema, args.settings, "redis");
        const parent = { parent: this };

        this.password = new random.RandomPassword(
            `${name}-password`,
            { length: 32, special: false, ...rotated(settings.passwordRotation) },
            parent,
        ).result;
        const data = new docker.Volume(`${name}-${settings.engine}`, { labels: labels() }, parent);
        container(
            `${name}-server`,
            {
                image: args.image,
                user,
                networks: [args.network],
                volumes: { "/data": { volume: data.name } },
                files: {
                    directory: "/etc/cache",
                    contents: {
                        "cache.conf": redisConf(settings),
                        "users.acl": this.password.apply(digest).apply(redisAcl),
                    },
                },
                memoryDirectories: { "/run/cache": 1 },
                memoryMiB: 64 + Math.ceil(settings.maxMemoryMiB * 1.5),
                processes: 64,
                readySeconds: 60,
                stopSeconds: 15,
            },
            { ...parent, deleteBeforeReplace: true },
        );
        this.registerOutputs({ password: this.password });
    }
}

const digest = (password: string) => createHash("sha256").update(password).digest("hex");

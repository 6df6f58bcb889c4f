import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ResolvedCache } from "../config/cache";
import { Refusal } from "../config/refusal";

/** Where resolvers find the Redis or Valkey that keeps their shared cache. */
export interface CacheServer {
    /** Its name or address; or the path of its socket, in the directory of {@link cacheSocket}. */
    readonly host: string;

    /**
     * @default 6379
     */
    readonly port?: number;
    readonly database: number;
    readonly user: string;

    /**
     * @default none
     */
    readonly password?: pulumi.Input<string>;

    /**
     * The certificate authority that has signed its certificate, in PEM.
     * @default none: no TLS
     */
    readonly tlsAuthority?: string;

    /**
     * The volume that its socket is on, by name.
     * @default none: it is asked by TCP
     */
    readonly socket?: pulumi.Input<string>;
}

/** What resolvers need to share their caches. */
export interface CacheAccess {
    readonly server: CacheServer;

    /** The keys that sign what is shared, one or two, each on a line: whoever has them is believed. */
    readonly keys: pulumi.Input<string>;
}

/** A server that is not ours. */
export function externalServer(
    { external }: ResolvedCache,
    password: pulumi.Input<string> | undefined,
): CacheServer | undefined {
    return external && { ...external, ...(password ? { password: pulumi.secret(password) } : {}) };
}

/**
 * The keys that sign what is shared: those that are given, or else a random one for each name.
 * @throws Refusal if what is given is no key
 */
export function signingKeys(
    name: string,
    { signingKeys: names }: ResolvedCache,
    given: pulumi.Input<string> | undefined,
    options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    if (given) return pulumi.secret(given).apply(keyLines);
    const keys = names.map(
        (key) =>
            new random.RandomPassword(`${name}-signing-key-${key}`, { length: 43, special: false }, options)
                .result,
    );
    return pulumi.all(keys).apply((texts) => texts.map((text) => `${text}\n`).join(""));
}

/**
 * Given keys as resolvers read them, each on a line.
 * @throws Refusal that does not repeat them, if they are none
 */
export function keyLines(text: string): string {
    const keys = text.split("\n").filter(Boolean);
    if (keys.length < 1 || keys.length > 2 || keys.some((key) => !/^[!-~]{32,}$/.test(key)))
        throw new Refusal(
            "cacheKey: must be a key of at least 32 characters without spaces, or two on a line each; such as `openssl rand -hex 32` makes",
        );
    return keys.map((key) => `${key}\n`).join("");
}

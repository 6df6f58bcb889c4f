import type { ResolvedCache } from "./cache";
import { cacheKeys } from "./cache-namespace";
import { cacheSocket } from "./names";

/** The configuration of Redis or Valkey: https://redis.io/docs/latest/operate/oss_and_stack/management/config/ */
export function redisConf(settings: ResolvedCache): string {
    return [
        "port 0",
        `unixsocket ${cacheSocket.path}`,
        "unixsocketperm 777", // who may do what is in the ACL file
        "aclfile /etc/cache/users.acl",
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        `maxmemory ${settings.maxMemoryMiB}mb`,
        `maxmemory-policy ${settings.eviction}`,
        "",
    ].join("\n");
}

/** The user as which the resolvers come. */
export const resolverUser = "resolver";

/** What a cache needs, and a resolver may do: nothing that another stack's data could suffer from. */
const commands = "+set +del +get +mget +scan +publish +subscribe +ping";

/**
 * Who may do what: nobody without a name, the health check a PING, the resolvers what a cache needs.
 *
 * @param passwordDigest the resolvers' password as SHA-256, in hexadecimal
 */
export function redisAcl(passwordDigest: string): string {
    return [
        "user default off",
        "user health on nopass -@all +ping",
        `user ${resolverUser} on #${passwordDigest} resetkeys ~${cacheKeys}* resetchannels &${cacheKeys}* -@all ${commands}`,
        "",
    ].join("\n");
}

import type { ResolvedRedis } from "./redis";

/** The configuration of Redis or Valkey: https://redis.io/docs/latest/operate/oss_and_stack/management/config/ */
export function redisConf(settings: ResolvedRedis): string {
    return [
        "bind 0.0.0.0",
        "port 6379",
        // Users and passwords are in the ACL file; protected mode is for servers that have none.
        "protected-mode no",
        "aclfile /etc/cache/users.acl",
        "dir /data",
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        `maxmemory ${settings.maxMemoryMiB}mb`,
        `maxmemory-policy ${settings.eviction}`,
        "",
    ].join("\n");
}

/** The user as which the resolvers come, and the prefix of every key and channel that it may touch. */
const resolverUser = { name: "resolver", keys: "cache:" };

/**
 * Who may do what: nobody without a name, the health check a PING, the resolvers what a cache needs.
 *
 * @param passwordDigest the resolvers' password as SHA-256, in hexadecimal
 */
export function redisAcl(passwordDigest: string): string {
    const { name, keys } = resolverUser;
    const commands =
        "+set +del +get +mget +scan +publish +subscribe +unsubscribe +ping +hello +client|setname";
    return [
        "user default off",
        "user health on nopass -@all +ping",
        `user ${name} on #${passwordDigest} resetkeys ~${keys}* resetchannels &${keys}* -@all ${commands}`,
        "",
    ].join("\n");
}

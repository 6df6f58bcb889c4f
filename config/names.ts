/**
 * The name by which resolvers are asked whether they work. Such names lie below `internal`, which is reserved for private
 * use (ICANN, July 2024) and so never leaves the network. (dnsdist has some of its own: `images/dnsdist/rules.lua`.)
 */
export const resolverName = "resolver.recursive-dns.internal.";

/** Where the Redis of a site listens, and its resolvers find it: on a volume that nobody else has. */
export const cacheSocket = { directory: "/run/shared-cache", path: "/run/shared-cache/server.sock" } as const;

/**
 * The name by which resolvers are asked whether they work. Such names lie below `internal`, which is reserved for private
 * use (ICANN, July 2024) and so never leaves the network. (dnsdist has some of its own: `images/dnsdist/rules.lua`.)
 */
export const resolverName = "resolver.recursive-dns.internal.";

/** And the one by which Docker lets resolvers find the Redis of their site. */
export const serverName = "cache.recursive-dns.internal";

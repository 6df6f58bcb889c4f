/**
 * Names that this service answers itself, so that its parts can ask one another whether they work. They lie below
 * `internal`, which is reserved for private use (ICANN, July 2024) and so never leaves the network.
 */
export const resolverName = "resolver.recursive-dns.internal.";
export const frontendName = "frontend.recursive-dns.internal.";

/** And the one by which Docker lets resolvers find the Redis of their site. */
export const serverName = "cache.recursive-dns.internal";

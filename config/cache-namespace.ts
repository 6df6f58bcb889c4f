import { digestOf } from "./digest";
import { normalAddress, normalName } from "./fields";
import type { ResolvedResolvers } from "./resolvers";

/** How every key and channel in Redis begins that is ours. */
export const cacheKeys = "cache:";

/** The format of Knot Resolver's cache entries, which the module in `images/knot-resolver/shared-cache` knows. */
const format = 7;

/**
 * Whose answers a resolver takes over: those of resolvers with the same entries, that trust and ask the same, however
 * their settings spell it. It begins all keys in Redis, and is part of what is signed.
 */
export function cacheNamespace({
    trustAnchors = [],
    rootHints = {},
    forwards,
    dnssec,
    rebindingProtection, // which looks at no answer from the cache
}: ResolvedResolvers): string {
    const anchors = trustAnchors.map((anchor) => anchor.replace(/\s+/g, " ").trim());
    const hints = Object.entries(rootHints).map(([name, addresses]) =>
        [normalName(name), ...addresses.map(normalAddress).sort()].join(" "),
    );
    // Where answers come from is whom it asks, and not what proves that it is they.
    const asked = forwards.map(({ domains, servers, to, validate }) => {
        const addresses = servers.map((server) => (typeof server === "string" ? server : server.address));
        return JSON.stringify([domains.map(normalName).sort(), addresses.sort(), to, validate]);
    });
    const exempt = dnssec.negativeTrustAnchors.map(normalName);
    const more = [asked.sort(), exempt.sort(), rebindingProtection];
    const usual = asked.length + exempt.length === 0 && !rebindingProtection;
    const agreed = JSON.stringify([anchors.sort(), hints.sort(), ...(usual ? [] : more)]);
    return `${cacheKeys}${format}-${digestOf(agreed)}`;
}

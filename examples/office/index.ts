import { RecursiveDns, preflight, resolveSettings } from "recursive-dns";

/** The resolvers of an office, as one part of a stack that has others. */
export = async () => {
    const settings = {
        serviceAddress: { addresses: ["127.0.0.1"], port: 5310 },
        dnsdist: { acl: ["127.0.0.0/8", "10.20.0.0/16"] },
        resolvers: { services: 1, cacheMiB: 64 },
    };
    // Optional: finds out before anything is made whether the Docker host can do it.
    await preflight(resolveSettings(settings));
    const dns = new RecursiveDns("office", { settings });
    return { endpoints: dns.endpoints };
};

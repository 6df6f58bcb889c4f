import { z } from "zod";
import { distinct, domainName, group, normalName } from "./fields";

/** How the resolvers validate. https://www.knot-resolver.cz/documentation/stable/config-dnssec.html */
export interface DnssecSettings {
    /**
     * Domains whose signatures are not looked at, each with all names below it (RFC 7646): while their owner repairs them.
     * @default none
     */
    readonly negativeTrustAnchors?: readonly string[];

    /**
     * Who replaces the root's keys when they roll. `image`: the keys are those of the Knot Resolver image, which has to be
     * built again then; they are announced years before. `rfc5011`: each instance follows them by itself, and keeps what
     * it has seen in a volume. Of no use with a root of your own ({@link ResolverSettings.trustAnchors}).
     * @default "image"
     */
    readonly keyRollover?: "image" | "rfc5011";

    /**
     * Whether each answer that fails validation stands in the log, with the reason.
     * @default false
     */
    readonly logFailures?: boolean;
}

export const dnssecSchema = group({
    negativeTrustAnchors: distinct(domainName, normalName).default([]),
    keyRollover: z.enum(["image", "rfc5011"], "must be image or rfc5011").default("image"),
    logFailures: z.boolean("must be true or false").default(false),
});

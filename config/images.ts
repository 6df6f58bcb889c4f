import { z } from "zod";
import { group } from "./fields";

/**
 * Which images run. Each one that is left out is built from `images/` on the Docker host.
 *
 * One of your own must name no USER: Docker would give it the files that only the daemon may read.
 */
export interface ImageSettings {
    /**
     * What our own images are built on: Debian forky (the first release with these versions of everything).
     * @default "debian:forky-slim"
     */
    readonly base?: string;

    /** A Knot Resolver image in place of ours: same paths and programs as `images/knot-resolver`, target `resolver`. */
    readonly resolver?: string;

    /** A converter of its configuration, of the same Knot Resolver version: target `converter`. */
    readonly converter?: string;

    /** A dnsdist image in place of ours: same paths and programs as `images/dnsdist`. */
    readonly dnsdist?: string;

    /** A Redis or Valkey image in place of ours: same paths and programs as `images/redis`. */
    readonly redis?: string;

    /** A service-address image in place of ours: same paths and programs as `images/service-address`. */
    readonly serviceAddress?: string;

    /** An announcer by BGP in place of ours: same paths and programs as `images/announcer`, target `anycast`. */
    readonly anycast?: string;

    /** One by VRRP: target `vrrp`. */
    readonly vrrp?: string;
}

const reference = z
    .string("must be an image reference")
    .regex(/^[a-z0-9][\w.:/@-]*$/i, "must be an image reference, such as debian:forky-slim");

export const imagesSchema = group({
    base: reference.default("debian:forky-slim"),
    resolver: reference.optional(),
    converter: reference.optional(),
    dnsdist: reference.optional(),
    redis: reference.optional(),
    serviceAddress: reference.optional(),
    anycast: reference.optional(),
    vrrp: reference.optional(),
});

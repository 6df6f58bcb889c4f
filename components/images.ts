import * as pulumi from "@pulumi/pulumi";
import type { ResolvedSettings } from "../config/settings";
import { type ImageSpec, image } from "./image";

/** What our own images are made of. */
const knot = (target: string, BASE: string): ImageSpec => ({
    folder: "knot-resolver",
    target,
    args: { BASE, KNOT_RESOLVER_VERSION: "6.5.0" },
});

export const dnsdistImage = (BASE: string): ImageSpec => ({
    folder: "dnsdist",
    args: { BASE, DNSDIST_VERSION: "2.1.3" },
});

const serverImage = (ENGINE: string, BASE: string): ImageSpec => ({
    folder: "redis",
    args: { BASE, ENGINE, VERSION: ENGINE === "redis" ? "8.0.6" : "9.1.2" },
});

const announcer = (target: "anycast" | "vrrp", BASE: string): ImageSpec => ({
    folder: "announcer",
    target,
    args: { BASE, ...(target === "anycast" ? { BIRD_VERSION: "3.4.0" } : { KEEPALIVED_VERSION: "2.3.4" }) },
});

/** The images of a site: those that its settings name, and of the others ours. */
export function imagesOf(
    name: string,
    { images: given, anycast, vrrp, cache: { engine, external } }: ResolvedSettings,
    options: pulumi.CustomResourceOptions,
) {
    const { base } = given;
    const named = (part: string, reference: string | undefined, spec: ImageSpec) =>
        image(`${name}-${part}-image`, reference, spec, options);
    const ownServer = engine !== "lmdb" && !external;
    return {
        resolver: named("resolver", given.resolver, knot("resolver", base)),
        converter: named("converter", given.converter, knot("converter", base)),
        dnsdist: named("dnsdist", given.dnsdist, dnsdistImage(base)),
        redis: ownServer ? named("redis", given.redis, serverImage(engine, base)) : undefined,
        serviceAddress: named("address", given.serviceAddress, {
            folder: "service-address",
            args: { BASE: base },
        }),
        anycast: anycast ? named("anycast", given.anycast, announcer("anycast", base)) : undefined,
        vrrp: vrrp ? named("vrrp", given.vrrp, announcer("vrrp", base)) : undefined,
    };
}

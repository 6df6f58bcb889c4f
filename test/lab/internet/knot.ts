/** How knotd signs the zones, and how it serves them: https://www.knot-dns.cz/docs/3.5/html/reference.html */

import { stringify } from "yaml";
import { type Signing, type Zone, absolute } from "./zone";

const yaml = (value: unknown) =>
    stringify(value, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" });

/** The file of a zone, and of the lists below. */
export const zoneName = ({ origin }: Zone) => (origin === "" ? "root" : origin);

/** Zones that are signed in the same way share their key; the root's is always the same, or its trust anchor would not be. */
function policyName({ origin, signing }: Zone): string {
    if (origin === "") return "root";
    const { algorithm, nsec3, at } = signing!;
    if (at) return "dated";
    if (!nsec3) return `${algorithm}-nsec`;
    return `${algorithm}-nsec3-${nsec3.iterations}${nsec3.optOut ? "-opt-out" : ""}`;
}

function policy(id: string, { algorithm, nsec3, at }: Signing) {
    return {
        id,
        algorithm,
        "single-type-signing": "on",
        // Signed once, when the image is built.
        "rrsig-lifetime": at ? "1d" : "3650d",
        "zone-max-ttl": "7d",
        ...(id === "root" ? { manual: "on" } : { "ksk-shared": "on", "cds-cdnskey-publish": "always" }),
        ...(nsec3 && {
            nsec3: "on",
            "nsec3-iterations": nsec3.iterations,
            "nsec3-opt-out": nsec3.optOut ? "on" : "off",
            "nsec3-salt-length": 0,
        }),
    };
}

/** Every way in which some zone is signed. */
export function policies(zones: readonly Zone[]): string {
    const signed = zones.flatMap((zone) => (zone.signing ? [[policyName(zone), zone.signing] as const] : []));
    return yaml({ policy: [...new Map(signed)].map(([id, signing]) => policy(id, signing)) });
}

const entry = (zone: Zone) => ({ domain: absolute(zone.origin), file: `${zoneName(zone)}.zone` });

/** The zones to sign, each in its way. */
export const signing = (zones: readonly Zone[]) =>
    yaml({ zone: zones.map((zone) => ({ ...entry(zone), "dnssec-policy": policyName(zone) })) });

/** The zones to serve, and where. (Of YAML, Knot DNS knows no list of words but this one.) */
export const serving = (zones: readonly Zone[], addresses: readonly string[]) =>
    `server:\n  listen: [${addresses.map((address) => `"${address}@53"`).join(", ")}]\n` +
    yaml({ zone: zones.map(entry) });

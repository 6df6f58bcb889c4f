/** All zones of the lab Internet as its image is built from: plain zones, and what knotd needs to sign and serve them. */

import { both, faulty, servers } from "./addresses";
import { brokenDomains } from "./broken";
import { domains } from "./domains";
import { showcaseDomains } from "./showcase";
import { hosters, root, tlds } from "./top";
import { parentOf, policyName, type Zone, zoneFile } from "./zone";

/** The zones of one kind of server, from the bottom up: the keys of children are signed by their parents. */
export interface Level {
    readonly name: "leaf" | "tld" | "root";
    readonly zones: readonly Zone[];
    readonly addresses: readonly string[];
}

function levels(): Level[] {
    const leaves = [...showcaseDomains, ...brokenDomains, ...domains()].map((domain) => domain.zone);
    const hosting = servers.hosters.flatMap((first) => [first, first + 1]);
    const leafServers = [...servers.own, ...hosting, ...Object.values(faulty)];
    return [
        {
            name: "leaf",
            zones: [...hosters.map((hoster) => hoster.zone), ...leaves],
            addresses: leafServers.flatMap(both),
        },
        { name: "tld", zones: tlds, addresses: servers.tld.flatMap(both) },
        { name: "root", zones: [root], addresses: servers.root.flatMap(both) },
    ];
}

/** The name of a zone in the files below. */
const fileName = (origin: string) => (origin === "" ? "root" : origin);

/** The files of the image's build context, each with its text. */
export function contextFiles(): Record<string, string> {
    const all = levels();
    const zones = all.flatMap((level) => level.zones);
    const children = new Map<string, Zone[]>(zones.map((zone) => [zone.origin, []]));
    for (const zone of zones) if (zone.origin !== "") children.get(parentOf(zone.origin))!.push(zone);
    const files: Record<string, string> = {
        // One file of all: ten thousand are slow to hand to Docker.
        zones: zones
            .map(
                (zone) =>
                    `;; ${fileName(zone.origin)}.zone\n${zoneFile(zone, children.get(zone.origin) ?? [])}`,
            )
            .join(""),
        "policies.conf": policies(zones),
        // Whose keys their parents are to vouch for.
        vouched: lines(
            zones
                .filter((zone) => zone.signing && (zone.ds ?? "keys") === "keys")
                .map((zone) => `${zone.origin}.`),
        ),
        dated: lines(
            zones.filter((zone) => zone.signing?.at).map((zone) => `${zone.origin} ${zone.signing!.at}`),
        ),
        faulty: lines(
            Object.entries(faulty).flatMap(([fault, last]) => both(last).map((each) => `${each} ${fault}`)),
        ),
        spoiled: lines(
            zones.flatMap((zone) => (zone.spoiled ?? []).map((command) => `${zone.origin} ${command}`)),
        ),
    };
    for (const { name, zones: own, addresses } of all) {
        const undated = own.filter((zone) => zone.signing && !zone.signing.at);
        files[`${name}-sign.conf`] = zoneList(undated, (zone) => `    dnssec-policy: ${policyOf(zone)}\n`);
        files[`${name}-serve.conf`] =
            `server:\n    listen: [${addresses.map((each) => `"${each}@53"`).join(", ")}]\n${zoneList(own, () => "")}`;
    }
    return files;
}

const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join("");

const zoneList = (zones: readonly Zone[], options: (zone: Zone) => string) =>
    `zone:\n${zones.map((zone) => `  - domain: "${zone.origin}."\n    file: "${fileName(zone.origin)}.zone"\n${options(zone)}`).join("")}`;

/** The root's key is always the same, or its trust anchor would not be. */
const policyOf = (zone: Zone) => (zone.origin === "" ? "root" : policyName(zone.signing!));

/** How knotd signs, for every way that some zone is signed in. */
function policies(zones: readonly Zone[]): string {
    const ways = new Map(zones.flatMap((zone) => (zone.signing ? [[policyOf(zone), zone.signing]] : [])));
    const texts = [...ways].map(([id, { algorithm, nsec3 }]) => {
        const nsec3Lines = nsec3
            ? `    nsec3: on\n    nsec3-iterations: ${nsec3.iterations}\n    nsec3-opt-out: ${nsec3.optOut ? "on" : "off"}\n    nsec3-salt-length: 0\n`
            : "";
        const keys =
            id === "root" ? "    manual: on\n" : "    ksk-shared: on\n    cds-cdnskey-publish: always\n";
        return `  - id: ${id}\n    algorithm: ${algorithm}\n    single-type-signing: on\n    rrsig-lifetime: 3650d\n    zone-max-ttl: 7d\n${keys}${nsec3Lines}`;
    });
    const dated =
        "  - id: dated\n    algorithm: ecdsap256sha256\n    single-type-signing: on\n    rrsig-lifetime: 1d\n";
    return `policy:\n${dated}    cds-cdnskey-publish: always\n${texts.join("")}`;
}

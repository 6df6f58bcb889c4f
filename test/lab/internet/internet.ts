/** All of the lab Internet, as its image is built from it. */

import { both, faulty, servers } from "./addresses";
import { brokenDomains } from "./broken";
import { domains } from "./domains";
import { policies, serving, signing, zoneName } from "./knot";
import { showcaseDomains } from "./showcase";
import { hosters, root, tlds } from "./top";
import { type Zone, absolute, parentOf, zoneFile } from "./zone";

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

/** The files of the image's build context, each with its text: image/sign.sh and image/serve.sh read them. */
export function contextFiles(): Record<string, string> {
    const all = levels();
    const zones = all.flatMap((level) => level.zones);
    const lists = {
        // Whose keys their parents are to vouch for.
        vouched: zones.filter((zone) => zone.signing && !zone.ds).map((zone) => absolute(zone.origin)),
        dated: zones.filter((zone) => zone.signing?.at).map((zone) => `${zone.origin} ${zone.signing!.at}`),
        faulty: Object.entries(faulty).flatMap(([fault, last]) =>
            both(last).map((each) => `${each} ${fault}`),
        ),
        spoiled: zones.flatMap((zone) => (zone.spoiled ?? []).map((command) => `${zone.origin} ${command}`)),
    };
    return {
        zones: allZones(zones),
        "policies.conf": policies(zones),
        ...mapped(lists, (lines) => lines.map((line) => `${line}\n`).join("")),
        ...Object.fromEntries(
            all.flatMap(({ name, zones: own, addresses }) => [
                [`${name}-sign.conf`, signing(own.filter((zone) => zone.signing && !zone.signing.at))],
                [`${name}-serve.conf`, serving(own, addresses)],
            ]),
        ),
    };
}

/** One file of all zones: ten thousand files are slow to hand to Docker. */
function allZones(zones: readonly Zone[]): string {
    const children = new Map<string, Zone[]>(zones.map((zone) => [zone.origin, []]));
    for (const zone of zones) if (zone.origin !== "") children.get(parentOf(zone.origin))!.push(zone);
    const texts = zones.map(
        (zone) => `;; ${zoneName(zone)}.zone\n${zoneFile(zone, children.get(zone.origin)!)}`,
    );
    return texts.join("");
}

const mapped = <T, U>(values: Readonly<Record<string, T>>, map: (value: T) => U) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));

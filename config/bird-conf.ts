import { family, hostPrefix } from "./announcement";
import type { ResolvedAnycast } from "./anycast";

/** Protocols in BIRD have the names of their addresses, so that each stays what it is when the configuration changes. */
const named = (what: string, address: string) => `${what}_${address.replace(/[.:]/g, "_")}`;

/**
 * BIRD's configuration (https://bird.nic.cz/doc/bird-3.4.0.html): routes to the service addresses, for the neighbors alone.
 *
 * The kernel gets none of them, and nothing is taken in. No graceful restart: a router would keep the routes of a site
 * that is gone.
 *
 * @param addresses that are announced
 * @param passwords of the neighbors, by address
 */
export function birdConf(
    settings: ResolvedAnycast,
    addresses: readonly string[],
    passwords: Readonly<Record<string, string>>,
): string {
    const { neighbors, routerId } = settings;
    return [
        "log stderr { warning, error, fatal, bug };",
        ...(routerId ? [`router id ${routerId};`] : []),
        "protocol device { scan time 10; }",
        ...(neighbors.some(({ bfd }) => bfd) ? [bfd] : []),
        ...addresses.map(route),
        announced(settings),
        ...neighbors.map((neighbor) => session(settings, neighbor, passwords[neighbor.address])),
        "",
    ].join("\n");
}

const watched = "min rx interval 100 ms; min tx interval 100 ms; multiplier 3;";
const bfd = `protocol bfd {
  interface "*" { ${watched} };
  multihop { ${watched} };
}`;

// Disabled until the address answers: images/announcer/announce.
const route = (address: string) => `protocol static ${named("address", address)} {
  disabled;
  ${family(address)};
  route ${hostPrefix(address)} blackhole;
}`;

function announced({ asn, communities, prepend, med }: ResolvedAnycast): string {
    const attributes = communities.map((text) => {
        const parts = text.split(":");
        return `bgp${parts.length === 3 ? "_large" : ""}_community.add((${parts.join(", ")}));`;
    });
    return `filter announced {
  if proto !~ "address_*" then reject;
${[
    ...attributes,
    ...(med === undefined ? [] : [`bgp_med = ${med};`]),
    ...Array.from({ length: prepend }, () => `bgp_path.prepend(${asn});`),
    "accept;",
]
    .map((line) => `  ${line}`)
    .join("\n")}
}`;
}

function session(
    { asn }: ResolvedAnycast,
    { address, asn: theirs, bfd, hops, source, holdSeconds }: ResolvedAnycast["neighbors"][number],
    password: string | undefined,
): string {
    return `protocol bgp ${named("neighbor", address)} {
  local as ${asn};
  neighbor ${address} as ${theirs};
${[
    ...(hops === undefined ? ["direct;"] : [`multihop ${hops};`]),
    ...(source === undefined ? [] : [`source address ${source};`]),
    ...(password === undefined ? [] : ["authentication md5;", `password "${password}";`]),
    ...(bfd ? ["bfd on;"] : []),
    `hold time ${holdSeconds};`,
    `keepalive time ${Math.max(1, Math.floor(holdSeconds / 3))};`,
    "connect delay time 1;",
    "connect retry time 2;",
    "error wait time 1, 4;",
    "error forget time 10;",
    "graceful restart off;",
    `${family(address)} { import none; export filter announced; };`,
]
    .map((line) => `  ${line}`)
    .join("\n")}
}`;
}

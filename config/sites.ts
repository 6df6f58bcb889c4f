import { z } from "zod";
import { type DockerSettings, dockerSchema } from "./docker-host";
import { ipAddress } from "./fields";
import { InvalidSettings, resolve } from "./resolve";
import { type ResolvedSettings, type Settings, resolveSettings } from "./settings";

/** A site among several: what it has of its own. All else is as the stack's other settings say. */
export interface SiteSettings extends Settings {
    /** Its Docker host, which no other site has. */
    readonly docker: DockerSettings;

    /**
     * An address that leads to this site alone. It is a service address too, and by it the other sites learn whether this
     * one announces what they announce as well.
     * @default none
     */
    readonly address?: string;
}

/** A site as it is to be. */
export interface ResolvedSite {
    readonly settings: ResolvedSettings;

    /** Undefined: the host of the environment, or of the Docker provider's own configuration. */
    readonly docker: DockerSettings | undefined;
}

const siteName = z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,15}$/, "must be a name of at most 16 lower-case letters, digits and hyphens");
const sitesSchema = z
    .record(
        siteName,
        z.looseObject(
            { docker: dockerSchema, address: ipAddress.optional() },
            "must be a group of settings, with its Docker host",
        ),
    )
    .refine((sites) => Object.keys(sites).length > 0, "must have a site; leave it out if there is but one");

/**
 * The sites that a configuration describes, by name: those under `sites`, or else one, `dns`.
 * @throws InvalidSettings naming all problems of all sites
 */
export function resolveSites(configuration: Readonly<Record<string, unknown>>): Record<string, ResolvedSite> {
    const { sites, ...common } = configuration;
    if (sites === undefined) return { dns: { settings: resolveSettings(common), docker: undefined } };
    const named = resolve(sitesSchema, sites, "sites");
    const resolved = Object.entries(named).map(([name, { docker, address, ...own }]) => {
        const settings = withPeers(withAddress(merged(common, own), address), name, named);
        return { name, docker, ...settled(settings) };
    });
    const problems = [...shared(resolved), ...sameHost(resolved)];
    if (problems.length > 0) throw new InvalidSettings(problems);
    return Object.fromEntries(
        resolved.map(({ name, docker, settings }) => [name, { docker, settings: settings! }]),
    );
}

/** Settings or what is wrong with them. */
function settled(given: unknown): { settings?: ResolvedSettings; problems: readonly string[] } {
    try {
        return { settings: resolveSettings(given), problems: [] };
    } catch (error) {
        if (error instanceof InvalidSettings) return { problems: error.problems };
        throw error;
    }
}

type Group = Readonly<Record<string, unknown>>;
const isGroup = (value: unknown): value is Group =>
    typeof value === "object" && value !== null && !Array.isArray(value);

/** Groups are merged; of anything else, lists too, a site's own takes the place of what all have. */
function merged(common: Group, own: Group): Group {
    const both = Object.entries(own).map(([key, value]) => {
        const before = common[key];
        return [key, isGroup(value) && isGroup(before) ? merged(before, value) : value] as const;
    });
    return { ...common, ...Object.fromEntries(both) };
}

/** The groups of settings by which clients are led to several sites. */
const announcements = ["anycast", "vrrp"] as const;

function inAnnouncements(settings: Group, defaults: Group): Group {
    const filled = announcements.flatMap((key) => {
        const given = settings[key];
        return isGroup(given) ? [[key, { ...defaults, ...given }] as const] : [];
    });
    return { ...settings, ...Object.fromEntries(filled) };
}

/** An address that leads to this site alone is asked there, but nothing to announce. */
function withAddress(settings: Group, address: string | undefined): Group {
    const service = settings.serviceAddress;
    if (address === undefined || (service !== undefined && !isGroup(service))) return settings;
    const addresses = Array.isArray(service?.addresses) ? (service.addresses as unknown[]) : [];
    return inAnnouncements(
        { ...settings, serviceAddress: { ...service, addresses: [...addresses, address] } },
        { addresses },
    );
}

/** Each site is told where the others are, unless it says so itself. */
function withPeers(
    settings: Group,
    name: string,
    sites: Readonly<Record<string, { readonly address?: string | undefined }>>,
): Group {
    const peers = Object.entries(sites).flatMap(([other, { address }]) =>
        other !== name && address !== undefined ? [address] : [],
    );
    return inAnnouncements(settings, { peers });
}

/** A problem that all sites have is one of what they have in common. */
function shared(sites: readonly { readonly name: string; readonly problems: readonly string[] }[]): string[] {
    const common =
        sites[0]?.problems.filter((line) => sites.every(({ problems }) => problems.includes(line))) ?? [];
    const own = sites.flatMap(({ name, problems }) =>
        problems.filter((line) => !common.includes(line)).map((line) => `sites.${name}.${line}`),
    );
    return [...common, ...own];
}

function sameHost(sites: readonly { readonly name: string; readonly docker: DockerSettings }[]): string[] {
    return sites.flatMap(({ name, docker: { host } }, index) => {
        const other = sites.slice(0, index).find((earlier) => earlier.docker.host === host);
        return other
            ? [`sites.${name}.docker.host: must not be that of sites.${other.name} as well, but is "${host}"`]
            : [];
    });
}

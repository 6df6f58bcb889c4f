import type { Answering } from "./answering";
import { digestOf } from "./digest";
import type { ResolvedDnsdist } from "./dnsdist";
import { poolServers, poolServersYaml } from "./dnsdist-yaml";
import { type ListFile, type LocalFile, checkList, kinds, readList } from "./list-file";
import { toLua } from "./lua";
import { protectionOf } from "./protection";
import { InvalidSettings } from "./resolve";
import { toYaml } from "./yaml";

/** All of dnsdist's configuration that changes while it runs, as the rollout delivers it. */
export interface Rules {
    /** A digest of all of it. */
    readonly version: string;

    /**
     * The files by name: `rules.lua`, and `acl.yml` for the start; and if there is any, `servers.yml`, and `manifest` with
     * the lists that it names.
     */
    readonly files: Readonly<Record<string, RuleFile>>;
}

/** Text, or where it is: a list may be too long for the state of a stack. */
type RuleFile = string | LocalFile;

/**
 * The rules as these settings declare them. Reads the files that they name.
 *
 * @param serviceAddresses may always ask, and so may the host: a client there asks from the address that it asks
 * @throws InvalidSettings naming all files that cannot be read, or hold what they should not
 */
export function rulesOf(
    settings: ResolvedDnsdist,
    serviceAddresses: readonly string[],
    asked: Answering,
): Rules {
    const lists = new Lists();
    const lua = rulesLua(settings, serviceAddresses, asked, lists);
    if (lists.problems.length > 0) throw new InvalidSettings(lists.problems);
    const files = {
        "rules.lua": lua,
        "acl.yml": toYaml({ acl: aclOf(settings, serviceAddresses) }),
        "servers.yml": poolServersYaml(settings),
        // Of the resolvers: in YAML, for the start-up configuration.
        pools: JSON.stringify(["", ...asked.views.map(({ name }) => name)]),
        manifest: Object.entries(lists.counts)
            .map(([file, count]) => `${file} ${count}\n`)
            .join(""),
        ...lists.files,
    };
    const version = digestOf(lua);
    // The provider makes no file with nothing in it.
    return { version, files: Object.fromEntries(Object.entries(files).filter(([, file]) => file !== "")) };
}

/** Where clients are told that they find encrypted DNS; undefined where there is none. */
function discovered({ tls }: ResolvedDnsdist, addresses: readonly string[]) {
    if (!tls) return undefined;
    const { dot, doh, doq, doh3 } = tls;
    const offers = [
        ...(dot.enabled ? [{ alpn: "dot", port: dot.port }] : []),
        ...(doh.enabled ? [{ alpn: "h2", port: doh.port, path: doh.path }] : []),
        ...(doq.enabled ? [{ alpn: "doq", port: doq.port }] : []),
        ...(doh3.enabled ? [{ alpn: "h3", port: doh3.port, path: doh.path }] : []),
    ];
    return {
        name: tls.name,
        offers,
        v4: addresses.filter((address) => !address.includes(":")),
        v6: addresses.filter((address) => address.includes(":")),
    };
}

/** The host itself, whose clients ask from the address that they ask. */
const hostOf = (serviceAddresses: readonly string[]) =>
    distinct([
        "127.0.0.0/8",
        "::1/128",
        ...serviceAddresses.map((address) => `${address}/${address.includes(":") ? 128 : 32}`),
    ]);

const aclOf = ({ acl }: ResolvedDnsdist, serviceAddresses: readonly string[]) =>
    distinct([...acl, ...hostOf(serviceAddresses)]);

const distinct = (texts: readonly string[]) => [...new Set(texts)];

/** What `images/dnsdist/rules.lua` makes rules of. */
function rulesLua(
    settings: ResolvedDnsdist,
    serviceAddresses: readonly string[],
    asked: Answering,
    lists: Lists,
): string {
    return `return ${toLua({
        answering: asked.version,
        views: asked.views,
        viewers: asked.viewers,
        outage: settings.outageCache,
        acl: aclOf(settings, serviceAddresses),
        protection: protectionOf(settings.protection, hostOf(serviceAddresses)),
        discovery: discovered(settings, serviceAddresses),
        policy: settings.policy,
        clients: Object.fromEntries(
            Object.entries(settings.clients).map(([name, { subnets, file }]) => [
                name,
                {
                    subnets: subnets ?? [],
                    file: lists.read("nets", `dnsdist.clients.${name}.file`, file)?.name,
                },
            ]),
        ),
        lists: settings.lists.map(({ name, action, addresses, domains, file, clients }, index) => ({
            name,
            action,
            addresses,
            names: domains
                ? lists.hold("names", domains)
                : lists.read("names", `dnsdist.lists[${index}].file`, file),
            clients,
        })),
        pools: settings.pools.map(({ name, domains, clients, policy, cacheEntries }) => ({
            name,
            domains: domains?.map(kinds.names.normal),
            clients,
            policy,
            cacheEntries,
        })),
        servers: poolServers(settings),
    })}\n`;
}

/** The lists that rules refer to. Two that hold the same are one. */
class Lists {
    readonly files: Record<string, RuleFile> = {};
    readonly counts: Record<string, number> = {};
    readonly problems: string[] = [];

    /** A list in a file on this machine. */
    read(kind: keyof typeof kinds, setting: string, source: string | undefined) {
        if (source === undefined) return undefined;
        const problems: string[] = [];
        const list = readList(kind, source, problems);
        this.problems.push(...problems.map((problem) => `${setting}: ${source}: ${problem}`));
        return list && this.add(kind, list, { source, digest: list.digest });
    }

    /** A list that stands in the settings. */
    hold(kind: keyof typeof kinds, entries: readonly string[]) {
        const text = entries.map((entry) => `${entry}\n`).join("");
        const list = checkList(kind, text, this.problems);
        return list && this.add(kind, list, text);
    }

    private add(kind: keyof typeof kinds, { digest, count, samples }: ListFile, file: RuleFile) {
        this.files[`${digest}.${kind}`] = file;
        this.counts[`${digest}.${kind}`] = count;
        return { name: `${digest}.${kind}`, samples };
    }
}

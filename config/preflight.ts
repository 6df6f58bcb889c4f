import * as pulumi from "@pulumi/pulumi";
import Docker from "dockerode";
import ipaddr from "ipaddr.js";
import { dnsdistProblems } from "./check-dnsdist";
import { conntrack, conntrackWarning } from "./conntrack";
import { claimLabel, stackLabel, stackName } from "./labels";
import { type DockerSettings, readCertificates } from "./docker-host";
import { listeners } from "./listeners";
import { Refusal } from "./refusal";
import { InvalidSettings } from "./resolve";
import type { ResolvedSettings } from "./settings";
import type { ResolvedSite } from "./sites";
import { type Steered, steered } from "./steered";

/**
 * Asks the Docker host, before anything is changed, whether these settings can work there.
 *
 * @param docker the host, if it is not that of the environment
 * @throws InvalidSettings naming every problem and what to do about it
 */
export async function preflight(settings: ResolvedSettings, docker?: DockerSettings): Promise<void> {
    const problems = await hostProblems(settings, docker);
    if (problems.length > 0) throw new InvalidSettings(problems);
}

/**
 * Asks the Docker hosts of all sites.
 * @throws InvalidSettings naming every problem of every site
 */
export async function preflightSites(sites: Readonly<Record<string, ResolvedSite>>): Promise<void> {
    const entries = Object.entries(sites);
    const problems = await Promise.all(
        entries.map(async ([name, { settings, docker }]) => {
            const found = await hostProblems(settings, docker).catch((error: unknown) => {
                if (error instanceof Refusal && docker) return [error.message];
                throw error;
            });
            return found.map((line) => (docker ? `sites.${name}: ${line}` : line));
        }),
    );
    if (problems.flat().length > 0) throw new InvalidSettings(problems.flat());
}

async function hostProblems(settings: ResolvedSettings, connection?: DockerSettings): Promise<string[]> {
    const host =
        connection?.host ??
        new pulumi.Config("docker").get("host") ??
        process.env.DOCKER_HOST ??
        "unix:///var/run/docker.sock";
    // Over ssh the provider logs in by itself; the service-address container then checks the rest, on the host.
    if (host.startsWith("ssh:")) return [];
    const docker = client(host, connection);
    const info = (await docker.info().catch((error: unknown) => {
        throw new Refusal(unreachable(host, error as NodeJS.ErrnoException));
    })) as DockerInfo;

    const problems = [
        ...engineProblems(info),
        ...cpuProblems(info, settings),
        ...(await networkProblems(docker, settings)),
        ...(await claimProblems(docker, settings)),
        ...(await dnsdistProblems(docker, settings)),
        ...(isThisMachine(host) ? machineProblems(settings) : []),
    ];
    if (problems.length === 0 && isThisMachine(host)) warn(settings);
    return problems;
}

/** What its network says is the Docker host's word only then. */
const isThisMachine = (host: string) => host.startsWith("unix:") && process.platform === "linux";

/** Says what will work, but not well. */
function warn(settings: ResolvedSettings): void {
    const tracked = conntrack();
    const warning = tracked && conntrackWarning(settings, tracked);
    if (warning) void pulumi.log.warn(warning);
}

interface DockerInfo {
    readonly OSType: string;
    readonly OperatingSystem: string;
    readonly SecurityOptions?: string[];
    readonly NCPU?: number;
}

function client(host: string, connection?: DockerSettings): Docker {
    const timeout = 10_000;
    if (host.startsWith("unix://")) return new Docker({ socketPath: host.slice("unix://".length), timeout });
    if (connection?.certificates !== undefined) {
        const { hostname, port } = new URL(host);
        const certificates = readCertificates(connection.certificates);
        const name = hostname.replace(/^\[|\]$/g, "");
        return new Docker({ protocol: "https", host: name, port: port || 2376, timeout, ...certificates });
    }
    // Reads DOCKER_HOST and the TLS variables as Docker's own client does.
    return new Docker({ timeout });
}

/** Why Docker does not answer, and what to do. */
export function unreachable(host: string, { code, message }: NodeJS.ErrnoException): string {
    switch (code) {
        case "ENOENT":
            return `there is no Docker engine at ${host}; install one (\`npm run up\` does so on Debian), or set DOCKER_HOST`;
        case "EACCES":
        case "EPERM":
            return `Docker at ${host} refuses this user; run as root or join the group of the socket (usually \`docker\`)`;
        case "ECONNREFUSED":
            return `nothing answers at ${host}; start the Docker engine there (\`systemctl start docker\`), or correct its address (\`docker.host\` of the site, \`docker:host\` or DOCKER_HOST)`;
        default:
            return `Docker at ${host} does not answer: ${message}`;
    }
}

/** The service address is put on the host's own network, so the engine must be able to reach it. */
export function engineProblems({ OSType, OperatingSystem, SecurityOptions = [] }: DockerInfo): string[] {
    const has = (name: string) =>
        SecurityOptions.some((option) => option.split(",").includes(`name=${name}`));
    const needs = "the service address needs the network of a Linux host";
    if (OSType !== "linux") return [`Docker engine: ${needs}; this one runs ${OSType} containers`];
    if (OperatingSystem === "Docker Desktop")
        return [`Docker engine: ${needs}; Docker Desktop has only that of its virtual machine`];
    if (has("rootless"))
        return [`Docker engine: ${needs}; rootless Docker cannot change it: use one that runs as root`];
    if (has("userns"))
        return [`Docker engine: ${needs}; with userns-remap no container can change it: turn the option off`];
    return [];
}

/** Docker would refuse to make the container, when others are there already. */
export function cpuProblems(
    { NCPU = Infinity }: Pick<DockerInfo, "NCPU">,
    { resolvers: { cpus = [] } }: Pick<ResolvedSettings, "resolvers">,
): string[] {
    return cpus.flatMap((text, index) =>
        text.split(/[,-]/).some((cpu) => Number(cpu) >= NCPU)
            ? [
                  `resolvers.cpus[${index}]: must be CPUs from 0 to ${NCPU - 1} on this Docker host, but is "${text}"`,
              ]
            : [],
    );
}

async function networkProblems(docker: Docker, { resolvers }: ResolvedSettings): Promise<string[]> {
    const networks = await docker.listNetworks();
    const missing = resolvers.networks.flatMap((name, index) =>
        networks.some((network) => network.Name === name)
            ? []
            : [`resolvers.networks[${index}]: must be a network on the Docker host, but is "${name}"`],
    );
    return [...missing, ...overlaps(resolvers.subnet, networks)];
}

/** Docker refuses networks that overlap. One of this stack's own with this very subnet is the one that is meant. */
function overlaps(subnet: string | undefined, networks: Docker.NetworkInspectInfo[]): string[] {
    if (!subnet) return [];
    const wanted = ipaddr.parseCIDR(subnet);
    return networks.flatMap(({ Name, Labels, IPAM }) =>
        (IPAM?.Config ?? []).flatMap(({ Subnet }) => {
            if (!Subnet || (Subnet === subnet && Labels?.[stackLabel] === stackName())) return [];
            const taken = ipaddr.parseCIDR(Subnet);
            if (taken[0].kind() !== wanted[0].kind()) return [];
            const wider = taken[1] < wanted[1] ? taken : wanted;
            const narrower = wider === taken ? wanted : taken;
            return narrower[0].match(wider)
                ? [
                      `resolvers.subnet: must not overlap ${Subnet} of the Docker network ${Name}, but is "${subnet}"`,
                  ]
                : [];
        }),
    );
}

/** Two stacks that steer the same address would take turns. */
async function claimProblems(docker: Docker, settings: ResolvedSettings): Promise<string[]> {
    const others = (await docker.listContainers({ all: true, filters: { label: [claimLabel] } }))
        .map(({ Labels }) => Labels)
        .filter((labels) => labels[stackLabel] !== stackName());
    return steered(settings).flatMap(({ setting, address, port }) =>
        others
            .filter((labels) => labels[claimLabel]?.split(" ").includes(`${address}#${port}`))
            .map(
                (labels) =>
                    `${setting}: ${address} port ${port} belongs to the stack ${labels[stackLabel]} on this host`,
            ),
    );
}

function machineProblems(settings: ResolvedSettings): string[] {
    const taken = listeners();
    const missing = settings.serviceAddress.addresses.flatMap((text, index) =>
        ipaddr.IPv6.isValid(text) && !taken.ipv6
            ? [
                  `serviceAddress.addresses[${index}]: must not be IPv6 on this host, which has none, but is "${text}"`,
              ]
            : [],
    );
    const busy = steered(settings).flatMap((claim) => inUse(taken, claim));
    return [...missing, ...busy];
}

function inUse(taken: ReturnType<typeof listeners>, claim: Steered): string[] {
    const { setting, port, protocols } = claim;
    const address = ipaddr.parse(claim.address).toNormalizedString();
    const other = [...taken.ipv4, ...(taken.ipv6 ?? [])].find(
        (listener) =>
            listener.port === port &&
            protocols.includes(listener.protocol) &&
            ["any", address].includes(listener.address),
    );
    if (!other) return [];
    const use = `${other.protocol} port ${port} of ${claim.address} is in use on this host`;
    return [`${setting}.port: ${use}; stop what listens there, or choose another`];
}

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { stackLabel, stackName } from "../config/labels";
import type { LocalFile } from "../config/list-file";

/** What differs from one container to the next. Everything else is the same for all of them: see {@link container}. */
export interface ContainerSpec {
    readonly image: pulumi.Input<string>;

    /**
     * `service` runs until it is replaced; `gate` ends the update when it fails and is then gone, so that the next
     * update runs it again; `job` runs once to its end, whose exit code and log are outputs.
     * @default "service"
     */
    readonly kind?: "service" | "gate" | "job";

    readonly entrypoint?: string;

    /** The user and group it runs as, by number: images differ in the names they know. */
    readonly user: number;

    /**
     * Other groups that it belongs to, by number.
     * @default none
     */
    readonly groups?: readonly number[];

    /** The host's own network, none, or networks by name. */
    readonly networks: "host" | "none" | readonly pulumi.Input<string>[];

    /** Another name by which the others in its networks find it. */
    readonly alias?: string;

    readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;

    /** Volumes by the path they are mounted at. */
    readonly volumes?: Readonly<Record<string, Mount>>;

    /** Files made for this container, by name, in one directory that only its user can read. */
    readonly files?: {
        readonly directory: string;
        readonly contents: Readonly<Record<string, FileContent>>;
    };

    /** Directories in memory, by path, and their size in MiB: with the volumes, all that it can write to. */
    readonly memoryDirectories?: Readonly<Record<string, number>>;

    /** Linux capabilities that it keeps, such as `CAP_NET_ADMIN`. */
    readonly capabilities?: readonly string[];

    /** Its memory limit, what lies in {@link memoryDirectories} included. It never swaps. */
    readonly memoryMiB: number;

    /**
     * The CPUs that it runs on, such as `0-1`.
     * @default all
     */
    readonly cpus?: string | undefined;

    /**
     * Its share of the CPU while there is too little of it, 2 to 262144.
     * @default 1024 for a service, 128 for a gate or a job
     */
    readonly cpuShares?: number;

    /** The most processes and threads. */
    readonly processes: number;

    /** How long it may take to be healthy before the update fails. */
    readonly readySeconds: number;

    /** How long it may take to stop before it is killed. */
    readonly stopSeconds: number;

    readonly labels?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** What is in a file: a text, or what is in another one. */
export type FileContent = pulumi.Input<string> | LocalFile;

/** A volume and how it is mounted. */
export interface Mount {
    readonly volume: pulumi.Input<string>;
    readonly readOnly?: boolean;
}

/**
 * A container as this project runs them all: created before the one it replaces is deleted, healthy before the update
 * goes on, without privileges, on a read-only root, bounded in memory, processes and logs, back after a reboot.
 */
export function container(
    name: string,
    spec: ContainerSpec,
    options: pulumi.CustomResourceOptions,
): docker.Container {
    const { kind = "service" } = spec;
    const files = spec.files ? [carrier(`${name}-files`, spec, spec.files, options)] : [];
    return new docker.Container(
        name,
        {
            image: spec.image,
            ...(spec.entrypoint ? { entrypoints: [spec.entrypoint] } : {}),
            user: `${spec.user}:${spec.user}`,
            ...(spec.groups ? { groupAdds: spec.groups.map(String) } : {}),
            init: true,
            envs: Object.entries(spec.environment ?? {}).map(
                ([key, value]) => pulumi.interpolate`${key}=${value}`,
            ),
            labels: labels({ "recursive-dns.component": name, ...spec.labels }),
            ...network(spec),
            ...storage(spec, files),
            ...confinement(spec),
            ...life[kind](spec),
        },
        // The provider would otherwise delete the old container first.
        pulumi.mergeOptions({ deleteBeforeReplace: false }, options),
    );
}

/** The labels of everything that this stack makes in Docker, so that people and sweeps can find it. */
export function labels(more: Readonly<Record<string, pulumi.Input<string>>> = {}) {
    return Object.entries({ [stackLabel]: stackName(), ...more }).map(([label, value]) => ({ label, value }));
}

function network({ networks, alias }: ContainerSpec) {
    return typeof networks === "string"
        ? { networkMode: networks }
        : { networksAdvanced: networks.map((name) => ({ name, ...(alias ? { aliases: [alias] } : {}) })) };
}

/**
 * A container that never runs. The provider cannot put files into a container with a read-only root, nor into its
 * volumes; it can put them into this one's anonymous volume, which the real container then mounts.
 */
function carrier(
    name: string,
    { image, user }: ContainerSpec,
    { directory, contents }: NonNullable<ContainerSpec["files"]>,
    { parent, dependsOn }: pulumi.CustomResourceOptions,
): docker.Container {
    const owner = String(user);
    return new docker.Container(
        name,
        {
            image,
            start: false,
            mustRun: false,
            networkMode: "none",
            labels: labels({ "recursive-dns.component": name }),
            volumes: [{ containerPath: directory }],
            uploads: Object.entries(contents).map(([file, content]) => ({
                file: `${directory}/${file}`,
                ...uploaded(content),
                owner,
                group: owner,
                permissions: "0400",
            })),
        },
        { parent, dependsOn, deleteBeforeReplace: false },
    );
}

function uploaded(content: FileContent) {
    return typeof content === "object" && "source" in content
        ? { source: content.source, sourceHash: content.digest }
        : { content };
}

function storage({ user, volumes = {}, memoryDirectories = {} }: ContainerSpec, files: docker.Container[]) {
    const mounts = Object.entries(volumes).map(([containerPath, { volume, readOnly }]) => ({
        containerPath,
        volumeName: volume,
        ...(readOnly ? { readOnly } : {}),
    }));
    return {
        readOnly: true,
        volumes: [...mounts, ...files.map(({ id }) => ({ fromContainer: id }))],
        tmpfs: Object.fromEntries(
            Object.entries(memoryDirectories).map(([directory, sizeMiB]) => [
                directory,
                `uid=${user},gid=${user},mode=0700,size=${sizeMiB}m,noexec,nosuid,nodev`,
            ]),
        ),
    };
}

function confinement(spec: ContainerSpec) {
    const { kind = "service", capabilities, memoryMiB, cpus, processes } = spec;
    const { cpuShares = usualShares[kind] } = spec;
    return {
        ...(cpus ? { cpuSet: cpus } : {}),
        ...(cpuShares ? { cpuShares } : {}),
        capabilities: { drops: ["ALL"], ...(capabilities ? { adds: [...capabilities] } : {}) },
        securityOpts: ["no-new-privileges:true"],
        memory: memoryMiB,
        memorySwap: memoryMiB,
        // The provider has no limit of processes per container; this one counts those of the container's user.
        ulimits: [{ name: "nproc", soft: processes, hard: processes }],
    };
}

/** What only prepares gives way to what serves: an eighth of its share of the CPU, which is Docker's own default. */
const usualShares = { service: undefined, gate: 128, job: 128 };

const life = {
    service: ({ readySeconds, stopSeconds }: ContainerSpec) => ({
        restart: "unless-stopped",
        ...healthy(readySeconds),
        ...bounded(stopSeconds),
    }),
    gate: ({ readySeconds, stopSeconds }: ContainerSpec) => ({
        restart: "no",
        rm: true,
        ...healthy(readySeconds),
        ...bounded(stopSeconds),
    }),
    job: ({ stopSeconds }: ContainerSpec) => ({
        restart: "no",
        mustRun: false,
        attach: true,
        logs: true,
        ...bounded(stopSeconds),
    }),
};

/** `healthy`, in every image, answers at once until all is well and then takes its time: see `images/`. */
function healthy(readySeconds: number) {
    return {
        healthcheck: { tests: ["CMD", "healthy"], interval: "1s", timeout: "40s", retries: 3 },
        wait: true,
        waitTimeout: readySeconds,
    };
}

function bounded(stopSeconds: number) {
    return {
        destroyGraceSeconds: stopSeconds,
        logDriver: "json-file",
        logOpts: { "max-size": "10m", "max-file": "3" },
    };
}

/** Resolves with the finished container. Any input of it will do: like an output it comes then, but previews know it. */
export const finished = ({ networkMode }: docker.Container) => networkMode.apply(() => true as const);

/** The form of a container's id that the container itself knows: see `images/common/instance-id`. */
export const shortId = (id: string) => id.slice(0, 12);

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { docker, dockerInspect, ensureImage } from "../lab/docker";

/** Without `--privileged`, which some machines refuse: all that a Docker engine needs to run in a container. */
const privileges = [
    ...["--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE", "--cgroupns", "private"],
    ...["--device-cgroup-rule", "a *:* rwm", "--sysctl", "net.ipv6.conf.all.disable_ipv6=0"],
    ...["--sysctl", "net.ipv4.tcp_fastopen=3"],
    ...["seccomp", "apparmor", "systempaths"].flatMap((what) => ["--security-opt", `${what}=unconfined`]),
];
const readyTimeoutMs = 60_000;

/**
 * A Docker host that can be rebooted: a container with a Docker engine of its own, on a network of its own, so that
 * nothing that happens to it happens to the machine.
 */
export class DockerHost {
    /** Where it is reached from this machine, by IPv4. */
    readonly address: string;
    /** What is shared with it, by name: it is `/socket` there. */
    directory = "";

    /**
     * @param name of its container, and of its network unless it joins another
     * @param subnet the first three bytes of the network's addresses, such as `198.18.1`
     * @param joined the network that it joins, and the last byte of its address there
     */
    constructor(
        readonly name: string,
        private readonly subnet: string,
        private readonly joined?: {
            readonly network: string;
            readonly number: number;
            readonly ipv6: string;
        },
    ) {
        this.address = `${subnet}.${joined?.number ?? 10}`;
    }

    /** What `DOCKER_HOST` is to be for its engine. */
    get socket(): string {
        return `unix://${this.directory}/docker.sock`;
    }

    /**
     * Makes it, in place of one that an interrupted run has left behind.
     *
     * @param prepare puts into its directory what makes it reachable from elsewhere: see ./image/entry
     */
    async start(prepare?: (directory: string) => Promise<void>): Promise<void> {
        const image = await ensureImage("docker-host", join(__dirname, "image"));
        await this.remove();
        this.directory = await mkdtemp(join(tmpdir(), `${this.name}-`));
        if (!this.joined) await docker("network", "create", "--subnet", `${this.subnet}.0/24`, this.name);
        await prepare?.(this.directory);
        await docker(
            ...["run", "--detach", "--init", "--name", this.name, "--hostname", this.name, ...privileges],
            ...["--network", this.joined?.network ?? this.name, "--ip", this.address],
            ...(this.joined ? ["--ip6", this.joined.ipv6] : []),
            ...["--memory", "4g", "--memory-swap", "4g"],
            // What is to be on a disk, what a boot finds empty, and where its socket is found from outside.
            ...[
                "--volume",
                "/var/lib/docker",
                "--tmpfs",
                "/run:exec",
                "--volume",
                `${this.directory}:/socket`,
            ],
            image,
        );
        await this.ready();
    }

    /** Removes it and all that is on it. */
    async remove(): Promise<void> {
        if (await dockerInspect("container", this.name))
            await docker("rm", "--force", "--volumes", this.name);
        if (!this.joined && (await dockerInspect("network", this.name)))
            await docker("network", "rm", this.name);
        if (this.directory) await rm(this.directory, { recursive: true });
        this.directory = "";
    }

    /** A docker command on its engine. */
    docker(...args: string[]): Promise<string> {
        return docker("--host", this.socket, ...args);
    }

    /** A command on the host itself, as root. */
    shell(script: string): Promise<string> {
        return docker("exec", this.name, "sh", "-ec", script);
    }

    /** Gives it images of this machine. */
    async load(...images: string[]): Promise<void> {
        const file = join(this.directory, "images.tar");
        await docker("save", "--output", file, ...images);
        await this.docker("load", "--input", file);
        await rm(file);
    }

    /**
     * Does something with its engine in the place of this machine's. (The docker command and dockerode go by the
     * environment; what is started meanwhile for a longer time, such as a load, would go there too.)
     */
    async instead<T>(what: () => Promise<T>): Promise<T> {
        const before = process.env.DOCKER_HOST;
        process.env.DOCKER_HOST = this.socket;
        try {
            return await what();
        } finally {
            if (before === undefined) delete process.env.DOCKER_HOST;
            else process.env.DOCKER_HOST = before;
        }
    }

    /** Changes how Docker behaves, as far as it takes that at run time. */
    async configureDocker(settings: { "live-restore": boolean }): Promise<void> {
        const file = "/etc/docker/daemon.json";
        await this.shell(
            `mkdir -p /etc/docker; echo '${JSON.stringify(settings)}' >${file}; pkill -HUP dockerd`,
        );
    }

    /** Stops Docker in good order, and returns when it is started again. */
    restartDocker = () => this.endDocker("TERM");

    /** Kills Docker, and returns when it is started again. */
    killDocker = () => this.endDocker("KILL");

    /** Pulls the plug, and returns when Docker is started again: what was on the disk is there, and nothing else. */
    reboot = async () => {
        await docker("kill", this.name);
        await docker("start", this.name);
    };

    /** Does something while all that runs on it is frozen. */
    async whileFrozen(what: () => Promise<unknown>): Promise<void> {
        await docker("pause", this.name);
        try {
            await what();
        } finally {
            await docker("unpause", this.name);
        }
    }

    /** Waits for Docker to answer. */
    async ready(): Promise<void> {
        for (const deadline = Date.now() + readyTimeoutMs; ; await sleep(100)) {
            const problem = await this.docker("version").then(
                () => undefined,
                (error: Error) => error,
            );
            if (!problem) return;
            if (Date.now() > deadline) throw new Error(`${problem.message}\n${await this.log()}`);
        }
    }

    /** What Docker has logged at last. */
    log(): Promise<string> {
        return this.shell("tail -n 40 /var/log/dockerd.log");
    }

    private async endDocker(signal: string): Promise<void> {
        await this.shell(`pid=$(pidof dockerd); kill -${signal} $pid; tail -s 0.1 --pid=$pid -f /dev/null`);
    }
}

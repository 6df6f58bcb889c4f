import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { labNetwork } from "../../test/lab/catalog";
import { docker } from "../../test/lab/docker";

/** `slow`: 20 ms there and 20 ms back; `frozen`: connections are accepted, and nothing comes back; `down`: refused. */
export type Condition = "healthy" | "slow" | "frozen" | "down";

const delay = 20;

/** A Redis of its own for one resolver, behind a relay that makes it as bad as is wished. */
export class SlowRedis {
    readonly host = labNetwork.gateway;
    private condition: Condition = "healthy";
    private readonly sockets = new Set<net.Socket>();
    private relay: net.Server | undefined;

    private constructor(
        private readonly container: string,
        private readonly address: string,
        readonly port: number,
    ) {}

    /** @param image one of this project's Redis images */
    static async start(image: string, port: number): Promise<SlowRedis> {
        const name = `recursive-dns-bench-redis-${port}`;
        const server = ["--entrypoint", "cache-server", image, "--protected-mode", "no", "--save", ""];
        await docker("run", "--detach", "--name", name, "--network", labNetwork.name, ...server);
        const format = `{{(index .NetworkSettings.Networks "${labNetwork.name}").IPAddress}}`;
        const redis = new SlowRedis(name, await docker("inspect", "--format", format, name), port);
        await redis.be("healthy");
        return redis;
    }

    async be(condition: Condition): Promise<void> {
        this.condition = condition;
        for (const socket of this.sockets) socket.destroy();
        await new Promise((resolve) => (this.relay ? this.relay.close(resolve) : resolve(undefined)));
        this.relay = undefined;
        if (condition === "down") return;
        const relay = net.createServer((client) => this.connect(client));
        await new Promise<void>((resolve) => relay.listen(this.port, this.host, resolve));
        this.relay = relay;
    }

    async remove(): Promise<void> {
        await this.be("down");
        await docker("rm", "--force", "--volumes", this.container);
    }

    private connect(client: net.Socket): void {
        const server = net.connect(6379, this.address);
        for (const [from, to] of [
            [client, server],
            [server, client],
        ] as const) {
            this.sockets.add(from);
            from.setNoDelay(true);
            from.on("data", (data) => void this.forward(to, data));
            from.on("close", () => {
                this.sockets.delete(from);
                to.destroy();
            });
            from.on("error", () => to.destroy());
        }
    }

    private async forward(to: net.Socket, data: Buffer): Promise<void> {
        if (this.condition === "frozen") return;
        if (this.condition === "slow") await sleep(delay);
        if (to.writable) to.write(data);
    }
}

import { DockerHost } from "../../test/hosts/docker-host";
import { TestStack } from "../../test/integration/support/stack";
import { docker } from "../../test/lab/docker";
import { labNetwork, labResolvers } from "../../test/lab/catalog";
import { newNames } from "../../test/lab/internet/showcase";
import { type Speed, takingTurns } from "../dnsdist/speed";

const rounds = 7;
const names = 30_000;
const subnet = "198.18.9";
const networks = ["bridge", "host"] as const;
const ports = { bridge: 5381, host: 5382 } as const;

/** Two stacks on a Docker host of their own, whose resolvers reach the lab Internet by NAT, or as the host itself. */
export async function egress(): Promise<Speed[][]> {
    const host = new DockerHost("recursive-dns-bench-egress", subnet);
    const stacks: TestStack[] = [];
    try {
        await host.start();
        await docker("network", "connect", labNetwork.name, host.name);
        await host.load("debian:forky-slim"); // all the other images are built there
        for (const network of networks) {
            const stack = new TestStack(`bench-egress-${network}`);
            stacks.push(stack);
            stack.variables = { DOCKER_HOST: host.socket };
            await stack.create({
                serviceAddress: { addresses: [host.address], port: ports[network] },
                dnsdist: {
                    acl: [`${subnet}.0/24`],
                    clients: { load: { subnets: [`${subnet}.0/24`] } },
                    protection: { exempt: ["load"] },
                },
                resolvers: { ...labResolvers, networks: [], network, services: 1, instances: 1 },
                cache: { engine: "lmdb" },
            });
            await stack.must(stack.up());
        }
        const contenders = networks.map((what) => ({
            what,
            address: host.address,
            port: ports[what],
            id: host.name,
        }));
        return await takingTurns(rounds, contenders, () => newNames(Date.now(), names));
    } finally {
        for (const stack of stacks) await stack.destroy();
        await host.remove();
    }
}

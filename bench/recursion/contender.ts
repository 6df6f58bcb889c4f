import type { Kind } from "../../test/differential/reference";
import { type Server, assertAnswers } from "../../test/integration/support/dns";
import { inside, resolvers } from "../../test/integration/support/host";
import { until } from "../../test/integration/support/shared-cache";
import { docker } from "../../test/lab/docker";
import { showcase } from "../../test/lab/internet/showcase";
import { setTimeout as sleep } from "node:timers/promises";

/** A resolver that is measured. */
export interface Contender {
    readonly kind: Kind | "ours";
    /** Makes it forget all that it knows; tells where it is then. */
    restart(): Promise<Pick<Server, "address">>;
}

/** The one resolver of a stack, asked without dnsdist. */
export function ours(stack: string): Contender {
    const resolver = async () => (await resolvers(stack))[0]!;
    return {
        kind: "ours",
        async restart() {
            inside((await resolver()).id, "control", "shared_cache.clear('.')"); // or it would be warm at once
            await until(stack, ({ clearing, queued }) => clearing === 0 && queued === 0);
            await docker("restart", "--time", "0", (await resolver()).id);
            const deadline = Date.now() + 20_000;
            const [known] = showcase;
            const answers = async () =>
                assertAnswers(
                    { address: (await resolver()).address, port: 53, transport: "udp" },
                    known!,
                    1000,
                ).then(
                    () => true,
                    () => false,
                );
            while (!(await answers())) {
                if (Date.now() > deadline) throw new Error("our resolver does not come back");
                await sleep(200);
            }
            return { address: (await resolver()).address };
        },
    };
}

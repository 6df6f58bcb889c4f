import type { Kind } from "../../test/differential/reference";
import { type Server, assertAnswers } from "../../test/integration/support/dns";
import { running } from "../../test/integration/support/host";
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
    const id = async () => (await running(stack, /resolver-a-1$/))[0] ?? "";
    const networks = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{.IPAddress}}\n{{end}}";
    const address = async () => {
        const text = await docker("inspect", "--format", networks, await id());
        return /-pool-\S* (\S+)/.exec(text)?.[1] ?? "";
    };
    return {
        kind: "ours",
        async restart() {
            await docker("restart", "--time", "0", await id());
            const deadline = Date.now() + 20_000;
            const [known] = showcase;
            const answers = async () =>
                assertAnswers({ address: await address(), port: 53, transport: "udp" }, known!, 1000).then(
                    () => true,
                    () => false,
                );
            while (!(await answers())) {
                if (Date.now() > deadline) throw new Error("our resolver does not come back");
                await sleep(200);
            }
            return { address: await address() };
        },
    };
}

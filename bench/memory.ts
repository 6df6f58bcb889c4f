import { anonymousMiB } from "./cgroup";
import { runningContainers } from "./containers";
import type { Measurement } from "./measure";

/** What the daemons hold beside their caches, against the bars. */
export async function memory(stack: string, when: string): Promise<Measurement[]> {
    const running = await runningContainers(stack);
    const of = (component: RegExp) =>
        running
            .filter((container) => component.test(container.component))
            .map(({ pid }) => anonymousMiB(pid));
    return [
        {
            what: `Memory of a resolver beside its cache, ${when}`,
            unit: "MiB",
            bar: 40,
            values: of(/resolver-.-\d+$/),
        },
        {
            what: `Memory of dnsdist with its packet cache, ${when}`,
            unit: "MiB",
            bar: 128,
            values: of(/dnsdist-frontend$/),
        },
    ];
}

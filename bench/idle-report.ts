import { type Usage, sum } from "./idle";
import type { Measurement } from "./measure";

const unit = "% of a core" as const;
const bar = 5;

/** What an idle stack costs, against the bar: its containers, and with what Docker spends on them. */
export function idleBars(idle: readonly Usage[], without: Usage): Measurement[] {
    const own = idle.map(({ containers }) => sum(Object.values(containers)));
    const withDocker = idle.map(({ docker }, index) => (own[index] ?? NaN) + docker - without.docker);
    return [
        { what: "CPU of an idle stack: its containers", unit, bar, values: own },
        { what: "CPU of an idle stack, with what Docker spends on it", unit, bar, values: withDocker },
    ];
}

/** Every container, then Docker and the machine beside what they use without the stack. */
export function breakdown(idle: readonly Usage[], without: Usage): Measurement[] {
    const components = Object.keys(idle[0]?.containers ?? {});
    return [
        ...components.map((component) => ({
            what: component,
            unit,
            values: idle.map(({ containers }) => containers[component] ?? NaN),
        })),
        { what: "Docker's own processes", unit, values: idle.map(({ docker }) => docker) },
        { what: "the same without the stack", unit, values: [without.docker] },
        { what: "the whole machine", unit, values: idle.map(({ machine }) => machine) },
        { what: "the same without the stack", unit, values: [without.machine] },
    ];
}

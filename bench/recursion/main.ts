/** npm run bench -- recursion: ten thousand names that nobody knows yet, asked of us and of others; writes docs/recursion.md. */

import { type Reference, startReference } from "../../test/differential/reference";
import { labResolvers } from "../../test/lab/catalog";
import { countingQueries } from "../../test/lab/control";
import { domains } from "../../test/lab/internet/domains";
import { startLab, stopLab } from "../../test/lab/lab";
import { TestStack } from "../../test/integration/support/stack";
import { machine } from "../machine";
import { type Contender, ours } from "./contender";
import { askOnce } from "../../test/load/once";
import { type Result, write } from "./report";

const rounds = 5;

async function main(): Promise<void> {
    const surroundings = machine();
    await startLab();
    const stack = new TestStack("bench-recursion");
    const references: Reference[] = [];
    try {
        await stack.create({
            serviceAddress: { addresses: ["127.0.0.1"], port: 5397 },
            resolvers: { ...labResolvers, services: 1, instances: 1 },
        });
        await stack.must(stack.up());
        for (const kind of ["kresd", "unbound", "bind"] as const) references.push(await startReference(kind));
        const contenders: Contender[] = [ours(stack.name), ...references];
        const names = domains()
            .filter((domain) => !domain.ipv6Only)
            .map(({ zone }) => `www.${zone.origin}`);

        const results: Result[] = [];
        for (let round = 1; round <= rounds; round++) {
            for (const contender of contenders) {
                const result = { kind: contender.kind, ...(await measure(contender, names)) };
                results.push(result);
                console.log(
                    `round ${round}, ${result.kind}: ${result.seconds} s, ${result.upstream} queries upstream`,
                );
            }
        }
        console.log(`written: ${await write(surroundings, names.length, results)}`);
    } finally {
        await Promise.all(references.map((reference) => reference.remove()));
        await stack.destroy();
        await stopLab();
    }
}

async function measure(contender: Contender, names: readonly string[]): Promise<Omit<Result, "kind">> {
    const { address } = await contender.restart();
    const { outcome, upstream } = await countingQueries(() => askOnce(address, names));
    return { seconds: outcome.seconds, answered: outcome.answered, upstream };
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});

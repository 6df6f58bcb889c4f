/** npm run bench -- dnsdist: what steering, rules and long lists cost; writes docs/dnsdist-bench.md. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { startLab, stopLab } from "../../test/lab/lab";
import { Site } from "../cache/site";
import { machine } from "../machine";
import { longList } from "./long-list";
import { write } from "./report";
import { speeds } from "./speed";

async function main(): Promise<void> {
    const surroundings = machine();
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-bench-"));
    await startLab();
    try {
        const site = await Site.up("dnsdist", 5383, { resolvers: { services: 1, instances: 1 } });
        try {
            const file = await write(surroundings, await speeds(site), await longList(site, directory));
            console.log(`written: ${file}`);
        } finally {
            await site.remove();
        }
    } finally {
        await stopLab();
        rmSync(directory, { recursive: true });
    }
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});

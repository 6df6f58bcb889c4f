import { readFileSync } from "node:fs";
import { type Pace, askOnce } from "../../test/load/once";
import { docker } from "../../test/lab/docker";
import { type Site, known } from "../cache/site";
import { cpuSeconds } from "../cgroup";
import { pause, repeated } from "../measure";
import { type Contender, Contenders } from "./contenders";

/** What a contender did in a round with questions whose answers are all in its cache. */
export interface Speed {
    readonly what: string;
    readonly perSecond: number;
    /** CPU time for an answer, in microseconds: of dnsdist, and of the whole machine, who asks included. */
    readonly own: number;
    readonly machine: number;
}

/** Whom to ask, and whose CPU time counts. */
type Asked = Pick<Contender, "what" | "address" | "port" | "id">;

const rounds = 7;
const questions = Array.from({ length: 400 }, () => known).flat();

/** Asks each contender in turn, each round, as fast as it answers. */
export async function speeds(site: Site): Promise<Speed[][]> {
    const contenders = await Contenders.of(site);
    try {
        for (const each of contenders.all) await askOnce(each.address, known, { port: each.port });
        return await repeated(rounds, async (round) => {
            const order = contenders.all.map((_, index, all) => all[(index + round) % all.length]!);
            const results: Speed[] = [];
            for (const each of order) results.push(await contenders.as(each, () => speed(each, questions)));
            tell(round, results);
            return results;
        });
    } finally {
        await contenders.remove();
    }
}

/** Asks two contenders in turn, each round as many questions as fast as they answer. */
export function takingTurns(
    rounds: number,
    contenders: readonly Asked[],
    questions: () => readonly string[],
): Promise<Speed[][]> {
    return repeated(rounds, async (round) => {
        const results: Speed[] = [];
        // Who comes first alternates: the machine may not be the same a few seconds later.
        for (const each of round % 2 ? contenders : [...contenders].reverse())
            results.push(await speed(each, questions()));
        tell(round, results);
        return results;
    });
}

/** Shows who waits what a round has come to. */
export function tell(round: number, results: readonly Speed[]): void {
    const each = results.map(
        ({ what, perSecond, own, machine }) =>
            `${what} ${Math.round(perSecond)}/s, ${own.toFixed(2)} and ${machine.toFixed(2)} us`,
    );
    console.log(`round ${round}: ${each.join("; ")}`);
}

/** How a contender does with questions whose answers it has. */
export async function speed(
    { what, address, port, id }: Asked,
    questions: readonly string[],
    pace: Omit<Pace, "port"> = {},
): Promise<Speed> {
    const pid = Number(await docker("inspect", "--format", "{{.State.Pid}}", id));
    await pause(1);
    const [own, machine] = [cpuSeconds(pid), busySeconds()];
    const { seconds, answered } = await askOnce(address, questions, { port, ...pace });
    if (answered < questions.length) throw new Error(`${what} answered ${answered} of ${questions.length}`);
    const each = (total: number) => (total / questions.length) * 1e6;
    return {
        what,
        perSecond: questions.length / seconds,
        own: each(cpuSeconds(pid) - own),
        machine: each(busySeconds() - machine),
    };
}

/** CPU time that this machine has spent on anything, in seconds: proc_stat(5), in hundredths. */
function busySeconds(): number {
    const [user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0] = readFileSync("/proc/stat", "utf8")
        .split("\n")[0]!
        .trim()
        .split(/\s+/)
        .slice(1)
        .map(Number);
    return (user + nice + system + interrupts + soft) / 100;
}

import { Refusal } from "../config/refusal";

/**
 * Judges the end of a service's conversion, by the exit code and the log of its container.
 *
 * A refresh takes a job that was interrupted, or never started, for one that is done: so its last word counts.
 * @throws Refusal unless it has done its work
 */
export function assertConverted(service: string, code: number | undefined, log: string | undefined): void {
    if (code === 0 && log?.endsWith("converted\n")) return;
    throw new Refusal(
        code === 1 && log
            ? `${service}: Knot Resolver refuses its configuration; nothing was replaced:\n${log}`
            : `${service}: the conversion of its configuration was interrupted; nothing was replaced. ` +
                  "To do it again: npm run up -- STACK --replace '**-convert'",
    );
}

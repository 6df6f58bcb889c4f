import { Refusal } from "../config/refusal";

/** The exit code of `images/knot-resolver/convert` when it has done its work. */
const done = 10;

/**
 * Judges the end of a service's conversion, by the exit code of its container, and the log where it is a refusal.
 *
 * Success is no 0: that is what a refresh says of a job which was never started. And no word in the log: of a busy host
 * the provider may get the exit code before the last lines.
 * @throws Refusal unless it has done its work
 */
export function assertConverted(service: string, code: number | undefined, log: string | undefined): void {
    if (code === done) return;
    throw new Refusal(
        code === 1
            ? `${service}: Knot Resolver refuses its configuration; nothing was replaced:\n${log ?? ""}`
            : `${service}: the conversion of its configuration was interrupted; nothing was replaced. ` +
                  "To do it again: npm run up -- STACK --replace '**-convert'",
    );
}

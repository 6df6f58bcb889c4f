import { RunError } from "@pulumi/pulumi";

/** An error that ends the program with its message alone. */
export function refusal(message: string): RunError {
    const error = new RunError(message);
    // The engine shows no stack of a RunError, but formats it all the same, and takes ten seconds for that.
    delete error.stack;
    return error;
}

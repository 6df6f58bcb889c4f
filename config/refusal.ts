import { RunError } from "@pulumi/pulumi";

/** Ends the program with this message alone. */
export class Refusal extends RunError {
    constructor(message: string) {
        super(message);
        // The engine shows no stack of a RunError, but formats it all the same, and takes ten seconds for that.
        delete this.stack;
    }
}

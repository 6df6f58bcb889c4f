// npm run destroy [-- stack [pulumi arguments...]]: removes all that a stack has made, and the stack.
import { parse, tearDown } from "./actions.mjs";
import { setUp } from "./setup/index.mjs";
import { main } from "./setup/steps.mjs";

await main(async () => {
    const { stack, rest } = parse(process.argv.slice(2));
    return await tearDown(stack, rest, await setUp({ docker: true }));
});

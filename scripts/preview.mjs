// npm run preview [-- stack [pulumi arguments...]]: shows what `npm run up` would change.
import { operate, parse } from "./actions.mjs";
import { setUp } from "./setup/index.mjs";
import { main } from "./setup/steps.mjs";

await main(async () => {
    const { stack, rest } = parse(process.argv.slice(2));
    return await operate("preview", stack, rest, await setUp({ docker: true }));
});

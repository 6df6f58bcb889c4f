import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["dist", "node_modules", "**/node_modules", "toolchain/**"] },
    js.configs.recommended,
    tseslint.configs.recommendedTypeChecked,
    {
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            "@typescript-eslint/no-floating-promises": "error",
            "@typescript-eslint/switch-exhaustiveness-check": [
                "error",
                { considerDefaultExhaustiveForUnions: true },
            ],
            eqeqeq: "error",
        },
    },
    // tsc knows the names of Node.js; this rule does not.
    { files: ["**/*.mjs"], rules: { "no-undef": "off" } },
    // Not TypeScript: no types to ask about.
    { files: ["eslint.config.mjs"], ...tseslint.configs.disableTypeChecked },
);

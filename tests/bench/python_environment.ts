export * from "../../lib/cli/python_environment.ts";

/** The command line. Commander makes the help that users read from the declarations it checks. */

export { Argument, Command, CommanderError, Option } from "npm:commander@15.1.0";

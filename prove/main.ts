import { runAsProcess } from "../tools/command";
import { proveCommand } from "./proveCommand";

runAsProcess(proveCommand);

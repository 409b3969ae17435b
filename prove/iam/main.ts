import { runAsProcess } from "../../tools/command";
import { proveIamCommand } from "./proveIamCommand";

runAsProcess(proveIamCommand);

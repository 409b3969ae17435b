import { runAsProcess } from "./command";
import { policyCommand } from "./policyCommand";

runAsProcess(policyCommand);

import { runAsProcess } from "./command";
import { policyMutateCommand } from "./policyMutateCommand";

runAsProcess(policyMutateCommand);

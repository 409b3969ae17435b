import { runAsProcess } from "./command";
import { smokeCommand } from "./smokeCommand";

runAsProcess(smokeCommand);

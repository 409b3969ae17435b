import { runAsProcess } from "./command";
import { replayCommand } from "./replayCommand";

runAsProcess(replayCommand);

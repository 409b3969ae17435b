import { runAsProcess } from "../tools/command";
import { consoleCommand } from "./consoleCommand";

runAsProcess(consoleCommand);

// The SDK's reminder that Node 20 ends in 2027 would stand between the lines of an answer.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

import { runAsProcess } from "../tools/command";
import { opsCommand } from "./opsCommand";

runAsProcess(opsCommand);

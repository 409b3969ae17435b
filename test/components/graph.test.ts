import { describeAlarms } from "./graph/alarms.suite";
import { describeApi } from "./graph/api.suite";
import { describeCompute } from "./graph/compute.suite";
import { describeData } from "./graph/data.suite";
import { describeDeployment } from "./graph/deployment.suite";
import { describeExistingResources } from "./graph/existingResources.suite";
import { describeGrants } from "./graph/grants.suite";
import { describeLanguageHost } from "./graph/languageHost.suite";
import { describeObservation } from "./graph/observation.suite";
import { describeReadmeNumbers } from "./graph/readmeNumbers.suite";
import { describeStacks } from "./graph/stacks.suite";
import { RecordedStack } from "./support/recordedStack";

/*
 * The graph that the program registers for each stack. It proves what would be asked of AWS, not what AWS makes of it:
 * `docs/unverified.md` says what only a deployment can show.
 */
let dev: RecordedStack;
let prod: RecordedStack;
beforeAll(async () => {
  dev = await RecordedStack.record("dev");
  prod = await RecordedStack.record("prod");
});

const ofDev = () => dev;
const ofProd = () => prod;
describeStacks(ofDev, ofProd);
describeApi(ofDev, ofProd);
describeData(ofDev, ofProd);
describeCompute(ofDev, ofProd);
describeGrants(ofDev);
describeAlarms(ofDev, ofProd);
describeObservation(ofDev);
describeReadmeNumbers(ofDev, ofProd);
describeDeployment(ofDev);
describeLanguageHost(ofDev, ofProd);
describe("with what exists already", () => describeExistingResources());

/*
 * Every policy of the pack, on resources that break it and on resources that do not. In one file: to load @pulumi/policy
 * takes longer than all of this.
 */
import "./access.suite";
import "./apiMethods.suite";
import "./apiStages.suite";
import "./asynchronousFunctions.suite";
import "./deadLetterAlarms.suite";
import "./deadLetters.suite";
import "./deliveryFailures.suite";
import "./encryption.suite";
import "./eventSources.suite";
import "./functions.suite";
import "./logGroups.suite";
import "./pack.suite";
import "./redrives.suite";
import "./sourceConditions.suite";
import "./streamFailures.suite";
import "./tables.suite";
import "./transport.suite";
import "./workflows.suite";

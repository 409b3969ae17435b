import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies";

new PolicyPack("aws-asynchronous-pipelines", { enforcementLevel: "mandatory", policies });
